package hosttest

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"sync/atomic"
)

// Hook stands before a handler, which it may call or not.
type Hook = func(w http.ResponseWriter, r *http.Request, next http.Handler)

// Answer answers every request with a text.
func Answer(text string) Hook {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { _, _ = io.WriteString(w, text) }
}

// Status answers with a status and a few words.
func Status(code int) Hook {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { http.Error(w, "it says no", code) }
}

// Redirect leads elsewhere.
func Redirect(to string) Hook {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}
}

// Stall begins a body, or nothing, and says no more until its client is gone.
func Stall(begin string) Hook {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body)
		if begin != "" {
			_, _ = io.WriteString(w, begin)
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
}

// Reset breaks the connection after some bytes of the request.
func Reset(after int64) Hook {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.CopyN(io.Discard, r.Body, after)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		if inner, ok := conn.(interface{ NetConn() net.Conn }); ok {
			conn = inner.NetConn()
		}
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
}

// Page answers with a web page.
func Page(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(w, "<!doctype html><title>Please sign in</title>")
}

// Endless never comes to an end.
func Endless(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	for err := error(nil); err == nil; {
		_, err = w.Write(make([]byte, 4096))
	}
}

// Truncated breaks off before the end of its answer.
func Truncated(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Length", "5")
	_, _ = io.WriteString(w, "the ")
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// After lets some requests misbehave and then all others pass.
func After(times int, first Hook) Hook {
	var seen atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if seen.Add(1) <= int64(times) {
			first(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// Later wants to be asked in an hour.
func Later(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Retry-After", "3600")
	w.WriteHeader(http.StatusTooManyRequests)
}

// PageAs answers with a web page that is called something else.
func PageAs(media string) Hook {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", media)
		_, _ = io.WriteString(w, "<html><p>Soon.</p></html>")
	}
}

// LargePage answers with a large web page.
func LargePage(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(bytes.Repeat([]byte("<p>"), 1<<12))
}

// Packed answers with a packed body that nobody asked for.
func Packed(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Encoding", "br")
	_, _ = io.WriteString(w, "packed, as it says")
}

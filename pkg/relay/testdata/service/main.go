// Command service is what a test runs in a stack. It serves on port 5555 and
// takes half-closed connections on port 5556.
package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
)

func main() {
	if os.Getenv("GOMEMLIMIT") != "" { // as only a relay is started
		log.SetFlags(0)
		log.Fatal("this is\x1b[31m no relay\x07")
	}
	listener, err := net.Listen("tcp", ":5556")
	if err != nil {
		log.Fatal(err)
	}
	go serveHalfClosed(listener)
	http.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	http.HandleFunc("GET /bytes", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, random(size(r))) })
	http.HandleFunc("POST /sum", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, sum(r.Body)) })
	http.HandleFunc("GET /hang", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("partly"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	http.HandleFunc("POST /callback", callback)
	http.HandleFunc("POST /halfclosed", halfClosed)
	log.Fatal(http.ListenAndServe(":5555", nil))
}

// callback posts bytes to the callback address, and answers with the answer's
// status and sum.
func callback(w http.ResponseWriter, r *http.Request) {
	answer, err := http.Post(os.Getenv("CALLBACK_URL")+"/0xtask", "application/octet-stream", random(size(r)))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	fmt.Fprint(w, answer.StatusCode, " ", sum(answer.Body))
}

// halfClosed connects to the callback address, says all it has to say, and
// answers with what comes back after that.
func halfClosed(w http.ResponseWriter, _ *http.Request) {
	reply, err := func() ([]byte, error) {
		target, err := url.Parse(os.Getenv("CALLBACK_URL"))
		if err != nil {
			return nil, err
		}
		conn, err := net.Dial("tcp", target.Host)
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "question"); err != nil {
			return nil, err
		}
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			return nil, err
		}
		return io.ReadAll(conn)
	}()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	_, _ = w.Write(reply)
}

func serveHalfClosed(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer conn.Close()
			question, _ := io.ReadAll(conn)
			fmt.Fprintf(conn, "answer to %s", question)
		}()
	}
}

func size(r *http.Request) int64 {
	n, err := strconv.ParseInt(r.URL.Query().Get("bytes"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// random returns n bytes, the same each time.
func random(n int64) io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{}), n) }

func sum(r io.Reader) string {
	hash := sha256.New()
	n, err := io.Copy(hash, r)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %x", n, hash.Sum(nil))
}

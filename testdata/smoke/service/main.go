// Command echo is a service for the tests of smoke runs: it speaks the
// service's contract, and breaks it in the way that BEHAVIOR names.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var behavior = os.Getenv("BEHAVIOR")

// released is closed when what is held may go.
var released = make(chan struct{})

// hoard is memory that is taken and kept.
var hoard []byte

var eaten [][]byte

func main() {
	if len(os.Args) > 1 {
		os.Exit(run(os.Args[1]))
	}
	go func() {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		<-signals
		os.Exit(0)
	}()
	release := make(chan os.Signal, 1)
	signal.Notify(release, syscall.SIGUSR1)
	go func() {
		<-release
		close(released)
	}()
	address := ":5555"
	switch behavior {
	case "exit":
		fmt.Println("the last words")
		os.Exit(3)
	case "deaf":
		select {}
	case "loopback":
		address = "127.0.0.1:5555"
	case "memory":
		eat()
	case "disk":
		fill()
	case "hoard":
		hoard = make([]byte, 200<<20)
		for i := range hoard {
			hoard[i] = 1
		}
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		if behavior == "closed" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if behavior == "opening" {
			<-released
		}
		fmt.Fprint(w, `{"openapi":"3.1.0"}`)
		if behavior == "hang-up" {
			listener.Close() // what is open stays open
		}
	})
	mux.HandleFunc("POST /run/{function}/{task}", task)
	server := &http.Server{Handler: mux}
	if behavior == "once" {
		server.Handler = once(mux)
		server.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, requests{}, new(int))
		}
	}
	server.SetKeepAlivesEnabled(behavior != "hang-up")
	_ = server.Serve(listener)
	select {}
}

// requests is the key of how many requests came on one connection.
type requests struct{}

// once answers one request on each connection, without saying so: it closes the
// connection just when the next request comes. A server that has had enough of
// an idle connection does so when it is unlucky.
func once(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count := r.Context().Value(requests{}).(*int)
		if *count++; *count > 1 {
			panic(http.ErrAbortHandler)
		}
		handler.ServeHTTP(w, r)
	})
}

// run is what health checks and helper services do.
func run(what string) int {
	switch what {
	case "check":
		if behavior == "sick" {
			fmt.Println("not today")
			return 1
		}
		connection, err := net.Dial("tcp", "127.0.0.1:5555")
		if err != nil {
			return 1
		}
		connection.Close()
	case "prepare":
		fmt.Println("prepared")
	}
	return 0
}

func task(w http.ResponseWriter, r *http.Request) {
	address := r.PathValue("task")
	body, _ := io.ReadAll(r.Body)
	var input struct {
		Text *string `json:"text"`
	}
	switch {
	case r.PathValue("function") != "echo" || behavior == "unknown":
		http.Error(w, `{"detail":"Not Found"}`, http.StatusNotFound)
		return
	case behavior == "die":
		os.Exit(4)
	case behavior == "crash":
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
		return
	case behavior == "teapot":
		http.Error(w, "no", http.StatusTeapot)
		return
	case behavior == "lenient":
	case json.Unmarshal(body, &input) != nil || input.Text == nil || behavior == "strict":
		http.Error(w, `{"detail":"text is required"}`, http.StatusUnprocessableEntity)
		if behavior == "chatty" {
			go post(address, body)
		}
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	if behavior == "misnamed" {
		fmt.Fprint(w, `{"task_address":"0x0","status":"accepted"}`)
		return
	}
	fmt.Fprintf(w, `{"task_address":%q,"status":"accepted"}`, address)
	_ = http.NewResponseController(w).Flush()
	go answer(address, body)
}

func answer(address string, result []byte) {
	switch behavior {
	case "environment":
		fmt.Println(strings.Join(os.Environ(), "\n"))
		return
	case "silent":
		fmt.Println("failed, and says so only here")
		return
	case "die-later":
		os.Exit(4)
	case "slow":
		slowness, _ := strconv.Atoi(os.Getenv("SLOWNESS"))
		time.Sleep(2 * time.Second * time.Duration(max(1, slowness)))
	case "held":
		<-released
	case "astray":
		post("0x00000000000000000000000000000000000000ff", result)
		return
	case "broken":
		result = []byte(`{"text": "half`)
	case "huge":
		result = append(append([]byte(`{"text":"`), bytes.Repeat([]byte("x"), 100<<20)...), `"}`...)
	case "unfit":
		result = []byte(`{"text": 7}`)
	case "other":
		result = []byte(`{"text": "something else"}`)
	case "flood":
		line := bytes.Repeat([]byte("all work and no play "), 1000)
		for {
			os.Stdout.Write(append(line, '\n'))
		}
	case "twice":
		post(address, result)
	}
	post(address, result)
	if behavior == "leave" {
		os.Exit(4)
	}
}

func post(address string, result []byte) {
	response, err := http.Post(strings.TrimSuffix(os.Getenv("CALLBACK_URL"), "/")+"/"+address, "application/json", bytes.NewReader(result))
	if err != nil {
		fmt.Println("callback:", err)
		return
	}
	response.Body.Close()
	fmt.Println("callback:", response.Status)
}

// eat takes memory until there is none.
func eat() {
	for {
		block := make([]byte, 8<<20)
		for i := range block {
			block[i] = 1
		}
		eaten = append(eaten, block)
	}
}

// fill writes to /tmp until it is full.
func fill() {
	file, err := os.Create("/tmp/full")
	block := make([]byte, 1<<20)
	for err == nil {
		_, err = file.Write(block)
	}
	fmt.Println(err)
	os.Exit(1)
}

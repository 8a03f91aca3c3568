// Command nvidia-smi stands in for NVIDIA's in tests without a GPU. It prints
// what the environment tells it to, lies too.
package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

const uuid = "GPU-5d49bdf4-b8d0-21ce-9260-a89c66748d92"

func main() {
	if text, ok := os.LookupEnv("FAKE_STDERR"); ok {
		fmt.Fprintln(os.Stderr, text)
	}
	switch os.Getenv("FAKE_STATUS") {
	case "":
	case "6":
		os.Exit(6)
	case "9":
		os.Exit(9)
	default:
		os.Exit(255)
	}
	arguments := strings.Join(os.Args[1:], " ")
	switch {
	case arguments == "stay":
		time.Sleep(time.Hour) // A service; the engine kills it.
	case arguments == "-L":
		print(fmt.Sprintf("GPU 0: Pretended GPU (UUID: %s)\n", uuid))
	case arguments == "--query-gpu=uuid,name,memory.total,memory.used,driver_version,compute_cap --format=csv,noheader,nounits":
		if os.Getenv("FAKE_OLD") != "" {
			fmt.Println(`Field "compute_cap" is not a valid field to query.`)
			os.Exit(2)
		}
		print(fmt.Sprintf("%s, Pretended GPU, 81920, %s, 535.104.12, 9.0\n", uuid, used()[0]))
	case arguments == "--query-gpu=uuid,name,memory.total,memory.used,driver_version --format=csv,noheader,nounits":
		print(fmt.Sprintf("%s, Pretended GPU, 81920, %s, 465.19.01\n", uuid, used()[0]))
	case arguments == "--query-gpu=uuid,memory.used --format=csv,noheader,nounits -lms 500":
		for i := 0; ; i++ {
			values := used()
			print(fmt.Sprintf("%s, %s\n", uuid, values[min(i, len(values)-1)]))
			if os.Getenv("FAKE_ENDS") != "" && i >= len(values) {
				os.Exit(0)
			}
			time.Sleep(10 * time.Millisecond)
		}
	default:
		fmt.Fprintln(os.Stderr, "Invalid combination of input arguments:", arguments)
		os.Exit(2)
	}
}

// used is the memory in use in MiB, from one look to the next.
func used() []string {
	if text := os.Getenv("FAKE_USED"); text != "" {
		return strings.Split(text, " ")
	}
	return []string{"4"}
}

// print prints the text, or what takes its place.
func print(text string) {
	switch lie := os.Getenv("FAKE_LIE"); lie {
	case "":
		fmt.Print(text)
	case "silence":
		time.Sleep(time.Hour)
	case "endless-line":
		for {
			fmt.Print(strings.Repeat("9", 1<<10))
		}
	case "endless-lines":
		for {
			fmt.Print(text)
		}
	case "endless-errors":
		for {
			fmt.Fprint(os.Stderr, text)
		}
	default:
		fmt.Println(strings.ReplaceAll(lie, "UUID", uuid))
	}
}

package generate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// contract is what the compiler says of one contract.
type contract struct {
	ABI json.RawMessage `json:"abi"`
	EVM struct {
		DeployedBytecode struct {
			Object              string                       `json:"object"`
			ImmutableReferences map[string][]json.RawMessage `json:"immutableReferences"`
			LinkReferences      map[string]json.RawMessage   `json:"linkReferences"`
		} `json:"deployedBytecode"`
	} `json:"evm"`
	StorageLayout struct {
		Storage []struct {
			Label  string `json:"label"`
			Offset int    `json:"offset"`
			Slot   string `json:"slot"`
		} `json:"storage"`
	} `json:"storageLayout"`
}

// compile compiles all Solidity files. The keys are a file's path below pkg/ and
// the contract's name, as in "devnet/contracts/Nexus.sol:Nexus".
func compile(ctx context.Context, root string) (map[string]contract, error) {
	sources, err := readSources(filepath.Join(root, "pkg"))
	if err != nil {
		return nil, err
	}
	home := filepath.Join(root, "pkg", "chain", "contracts")
	if err := installCompiler(ctx, home); err != nil {
		return nil, err
	}
	input, err := json.Marshal(map[string]any{
		"language": "Solidity",
		"sources":  sources,
		"settings": map[string]any{
			// Chains without newer instructions run this code too.
			"evmVersion": "london",
			"optimizer":  map[string]any{"enabled": true, "runs": 200},
			// No hash of the sources in the code: a comment changes nothing.
			"metadata":        map[string]any{"bytecodeHash": "none", "appendCBOR": false},
			"outputSelection": map[string]any{"*": map[string]any{"*": []string{"abi", "evm.deployedBytecode", "storageLayout"}}},
		},
	})
	if err != nil {
		return nil, err
	}
	output, err := command(ctx, home, input, "node", "compile.js")
	if err != nil {
		return nil, err
	}
	var said struct {
		Errors []struct {
			FormattedMessage string `json:"formattedMessage"`
		} `json:"errors"`
		Contracts map[string]map[string]contract `json:"contracts"`
	}
	if err := json.Unmarshal(output, &said); err != nil {
		return nil, fmt.Errorf("the compiler's answer: %w", err)
	}
	if len(said.Errors) > 0 {
		// Warnings as well: what is committed compiles without any.
		var messages []string
		for _, e := range said.Errors {
			messages = append(messages, e.FormattedMessage)
		}
		return nil, errors.New(strings.Join(messages, "\n"))
	}
	all := map[string]contract{}
	for file, contracts := range said.Contracts {
		for name, c := range contracts {
			all[file+":"+name] = c
		}
	}
	return all, nil
}

// readSources reads the Solidity files, as the compiler wants them: by their
// path below pkg/, which imports are relative to.
func readSources(pkg string) (map[string]map[string]string, error) {
	sources := map[string]map[string]string{}
	for _, folder := range []string{"chain/contracts", "devnet/contracts"} {
		files, err := filepath.Glob(filepath.Join(pkg, filepath.FromSlash(folder), "*.sol"))
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("no Solidity files in %s", filepath.Join(pkg, folder))
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			sources[folder+"/"+filepath.Base(file)] = map[string]string{"content": string(data)}
		}
	}
	return sources, nil
}

// installCompiler sees to it that the compiler of package.json is there. Where it
// is not, npm installs what the lock file names.
func installCompiler(ctx context.Context, dir string) error {
	var wanted struct {
		DevDependencies map[string]string `json:"devDependencies"`
	}
	if err := readJSON(filepath.Join(dir, "package.json"), &wanted); err != nil {
		return err
	}
	var installed struct {
		Version string `json:"version"`
	}
	err := readJSON(filepath.Join(dir, "node_modules", "solc", "package.json"), &installed)
	if err == nil && installed.Version == wanted.DevDependencies["solc"] {
		return nil
	}
	if _, err := command(ctx, dir, nil, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"); err != nil {
		return fmt.Errorf("the Solidity compiler could not be installed: %w", err)
	}
	return nil
}

func readJSON(file string, into any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// command runs a program in a folder and returns what it printed.
func command(ctx context.Context, dir string, input []byte, name string, args ...string) ([]byte, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("%s is needed to compile the contracts; install Node.js 20 or newer with npm: %w", name, err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, bytes.NewReader(input), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, stderr.Bytes())
	}
	return stdout.Bytes(), nil
}

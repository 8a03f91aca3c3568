package relay

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxBinaryBytes is the largest program that is made into an image.
const maxBinaryBytes = 512 << 20

// machines are the ELF machines of the architectures that engines run on, by
// the name that an engine gives.
var machines = map[string]elf.Machine{
	"386":     elf.EM_386,
	"amd64":   elf.EM_X86_64,
	"arm":     elf.EM_ARM,
	"arm64":   elf.EM_AARCH64,
	"loong64": elf.EM_LOONGARCH,
	"ppc64le": elf.EM_PPC64,
	"riscv64": elf.EM_RISCV,
	"s390x":   elf.EM_S390,
}

// UnfitBinaryError is returned by Start for a program that cannot run in a
// container of the engine.
type UnfitBinaryError struct {
	Path string
	// Arch is the engine's architecture, as GOARCH.
	Arch   string
	Reason string
}

func (e *UnfitBinaryError) Error() string {
	return fmt.Sprintf("%s cannot run as the relay on the engine's host: %s; "+
		"build ./cmd/ogpu-tpl-relay with CGO_ENABLED=0 GOOS=linux GOARCH=%s and name it with --relay-binary", e.Path, e.Reason, e.Arch)
}

// program is an open program that can run on the engine.
type program struct {
	file *os.File
	size int64 // in bytes
	arch string
}

// openBinary opens the program at path and checks that it is a static one for
// Linux on arch.
func openBinary(path, arch string) (*program, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &UnfitBinaryError{Path: path, Arch: arch, Reason: "there is no such file"}
	}
	if err != nil {
		return nil, err
	}
	p := &program{file: file, arch: arch}
	reason, err := p.unfit()
	if err == nil && reason != "" {
		err = &UnfitBinaryError{Path: path, Arch: arch, Reason: reason}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return p, nil
}

// unfit says why the program does not run there, or nothing.
func (p *program) unfit() (reason string, err error) {
	info, err := p.file.Stat()
	if err != nil {
		return "", err
	}
	p.size = info.Size()
	switch {
	case !info.Mode().IsRegular():
		return "it is no regular file", nil
	case p.size > maxBinaryBytes:
		return fmt.Sprintf("it is larger than %d bytes", maxBinaryBytes), nil
	}
	parsed, err := elf.NewFile(p.file)
	if err != nil {
		return "it is no Linux program", nil
	}
	for _, segment := range parsed.Progs {
		if segment.Type == elf.PT_INTERP {
			return "it needs shared libraries", nil
		}
	}
	switch {
	case parsed.Type != elf.ET_EXEC && parsed.Type != elf.ET_DYN,
		parsed.OSABI != elf.ELFOSABI_NONE && parsed.OSABI != elf.ELFOSABI_LINUX:
		return "it is no Linux program", nil
	case machines[p.arch] == elf.EM_NONE:
		return fmt.Sprintf("the engine's architecture %q is unknown", p.arch), nil
	case parsed.Machine != machines[p.arch]:
		return fmt.Sprintf("it is for another architecture (%s) than the engine's", parsed.Machine), nil
	}
	return "", nil
}

func (p *program) reader() io.Reader { return io.NewSectionReader(p.file, 0, p.size) }

// digest is the sha256 of the program, in hexadecimal.
func (p *program) digest() (string, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, p.reader()); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

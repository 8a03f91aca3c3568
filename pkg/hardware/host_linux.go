package hardware

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// What statfs calls the two file systems: PROC_SUPER_MAGIC and SYSFS_MAGIC of
// linux/magic.h.
const (
	procMagic = 0x9fa0
	sysMagic  = 0x62656572
)

// ReadHost reads the facts from the kernel that this process runs on. Files that
// are mounted over /proc or /sys and do not come from the kernel are not believed.
func ReadHost() (Facts, error) {
	proc, err := kernel("/proc", procMagic)
	if err != nil {
		return Facts{}, err
	}
	sys, err := kernel("/sys", sysMagic)
	if err != nil {
		return Facts{}, err
	}
	return Read(proc, sys), nil
}

// HostAMDMemoryUsed is AMDMemoryUsed of the kernel that this process runs on.
func HostAMDMemoryUsed() (int64, error) {
	sys, err := kernel("/sys", sysMagic)
	if err != nil {
		return 0, err
	}
	return AMDMemoryUsed(sys)
}

// kernelFS opens only what lies on one of the kernel's own file systems.
type kernelFS struct {
	files fs.FS
	magic int64
}

func kernel(root string, magic int64) (kernelFS, error) {
	k := kernelFS{os.DirFS(root), magic}
	folder, err := k.Open(".")
	if err != nil {
		return kernelFS{}, fmt.Errorf("the facts about this host cannot be read: %w", err)
	}
	return k, folder.Close()
}

// Stat looks at a file without opening it.
func (k kernelFS) Stat(name string) (fs.FileInfo, error) { return fs.Stat(k.files, name) }

func (k kernelFS) Open(name string) (fs.File, error) {
	file, err := k.files.Open(name)
	if err != nil {
		return nil, err
	}
	var stat syscall.Statfs_t
	opened, ok := file.(*os.File)
	if !ok {
		err = errors.ErrUnsupported
	} else if err = syscall.Fstatfs(int(opened.Fd()), &stat); err == nil && int64(stat.Type) != k.magic {
		err = errors.New("it does not come from the kernel")
	}
	if err != nil {
		file.Close()
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return file, nil
}

package signer

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/common"
)

const (
	// maxKeystore is how large a keystore file may be, in bytes. Real ones have
	// about 500.
	maxKeystore = 64 << 10
	// maxSalt is how long a salt may be, in bytes. Real ones have 32.
	maxSalt = 1 << 10
	// maxScryptMemory and maxScryptWork bound scrypt, in bytes and in n·r·p. Both
	// are what geth's standard settings take, n=2^18, r=8, p=1.
	maxScryptMemory = 256 << 20
	maxScryptWork   = 1 << 21
	// maxIterations bounds pbkdf2.
	maxIterations = 10_000_000
)

// FromKeystore returns a signer with the key in a keystore file: Web3 Secret
// Storage, version 3. The password is taken as it is, white space included. The
// file must be readable by its owner alone. Errors are of type *Error.
func FromKeystore(path string, password []byte) (Signer, error) {
	content, err := readKeystore(path)
	if err != nil {
		return nil, err
	}
	name := "the keystore " + shown(path)
	stored, account, err := parseKeystore(content, name)
	if err != nil {
		return nil, err
	}
	key, err := keystore.DecryptDataV3(*stored, string(password))
	switch {
	case errors.Is(err, keystore.ErrDecrypt):
		return nil, fail(WrongPassword, "the password does not open %s", name)
	case err != nil:
		// The library's words may repeat what is in the file.
		return nil, fail(BadFile, "%s cannot be decrypted", name)
	}
	signer, err := fromBytes(key, BadFile, "the key in "+name, name)
	if err != nil {
		return nil, err
	}
	if account != nil && signer.Address() != *account {
		return nil, fail(BadFile, "the key in %s is of another account than the file says", name)
	}
	return signer, nil
}

// readKeystore reads a file that is small, ordinary and private.
func readKeystore(path string) ([]byte, error) {
	name := shown(path)
	if path == "" {
		return nil, fail(BadFile, "no keystore file is named")
	}
	// Without NONBLOCK, opening a pipe waits for somebody to write to it.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fail(BadFile, "the keystore %s cannot be opened (%s)", name, reason(err))
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, fail(BadFile, "the keystore %s cannot be read (%s)", name, reason(err))
	case !info.Mode().IsRegular():
		return nil, fail(BadFile, "the keystore %s is not a regular file", name)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fail(OpenFile, "the keystore %s has the permissions %#o, and others than its owner may use it", name, info.Mode().Perm())
	}
	content, err := io.ReadAll(io.LimitReader(file, maxKeystore+1))
	switch {
	case err != nil:
		return nil, fail(BadFile, "the keystore %s cannot be read (%s)", name, reason(err))
	case len(content) > maxKeystore:
		return nil, fail(BadFile, "the keystore %s is larger than %d KiB", name, maxKeystore>>10)
	}
	return content, nil
}

// reason is what the system says of a file, without the file's name.
func reason(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return "input or output error"
}

// shown writes a path or a host that a user gave. Somebody may have given the
// key in its place.
func shown(text string) string {
	digits := 0
	for _, r := range text {
		if !strings.ContainsRune("0123456789abcdefABCDEF", r) {
			digits = 0
		} else if digits++; digits > 2*common.AddressLength {
			return "(not shown, it looks like a key)"
		}
	}
	const most = 200
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// keystoreFile is a keystore of version 3.
type keystoreFile struct {
	Version json.RawMessage
	Address string
	Crypto  struct {
		Cipher       string
		CipherText   string
		CipherParams struct{ IV string }
		KDF          string
		KDFParams    struct {
			DKLen, N, R, P, C int64
			PRF, Salt         string
		}
		MAC string
	}
}

// parseKeystore checks all that the library takes for granted, and what opening
// the file costs. It returns what the library needs, and the account that the
// file names, which may be nil.
func parseKeystore(content []byte, name string) (*keystore.CryptoJSON, *common.Address, error) {
	var file keystoreFile
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, nil, fail(BadFile, "%s is not a keystore: it is no JSON, or of another form", name)
	}
	if string(file.Version) != "3" {
		return nil, nil, fail(BadFile, "%s is not a keystore of version 3", name)
	}
	if file.Crypto.Cipher != "aes-128-ctr" {
		return nil, nil, fail(BadFile, "%s is encrypted with another cipher than aes-128-ctr", name)
	}
	stored := &keystore.CryptoJSON{Cipher: file.Crypto.Cipher, KDF: file.Crypto.KDF}
	for _, field := range []struct {
		name, from string
		to         *string
		bytes      int
	}{
		{"ciphertext", file.Crypto.CipherText, &stored.CipherText, keyBytes},
		{"iv", file.Crypto.CipherParams.IV, &stored.CipherParams.IV, 16},
		{"mac", file.Crypto.MAC, &stored.MAC, 32},
	} {
		if !isHex(field.from) || len(field.from) != 2*field.bytes {
			return nil, nil, fail(BadFile, "the %s in %s is not %d bytes in hexadecimal", field.name, name, field.bytes)
		}
		*field.to = field.from
	}
	var err error
	if stored.KDFParams, err = file.derivation(name); err != nil {
		return nil, nil, err
	}
	if file.Address == "" {
		return stored, nil, nil // it may be left out, for privacy
	}
	if !common.IsHexAddress(file.Address) {
		return nil, nil, fail(BadFile, "the address in %s is not one", name)
	}
	account := common.HexToAddress(file.Address)
	return stored, &account, nil
}

// derivation returns the parameters of the key derivation, in the form that the
// library wants.
func (f *keystoreFile) derivation(name string) (map[string]any, error) {
	given := f.Crypto.KDFParams
	switch {
	case given.DKLen != 32:
		return nil, fail(BadFile, "the dklen in %s is not 32", name)
	case !isHex(given.Salt) || len(given.Salt) > 2*maxSalt:
		return nil, fail(BadFile, "the salt in %s is not hexadecimal, or longer than %d bytes", name, maxSalt)
	}
	params := map[string]any{"dklen": int(given.DKLen), "salt": given.Salt}
	switch f.Crypto.KDF {
	case "scrypt":
		n, r, p := given.N, given.R, given.P
		switch {
		case n < 2 || n&(n-1) != 0 || r < 1 || p < 1:
			return nil, fail(BadFile, "scrypt's n, r and p in %s are not valid", name)
		case n > maxScryptWork || r > maxScryptWork || p > maxScryptWork,
			128*n*r > maxScryptMemory, n*r > maxScryptWork/p:
			return nil, fail(TooCostly, "opening %s would take more than geth's standard settings for scrypt, n=262144, r=8, p=1", name)
		}
		params["n"], params["r"], params["p"] = int(n), int(r), int(p)
	case "pbkdf2":
		switch {
		case given.PRF != "hmac-sha256":
			return nil, fail(BadFile, "pbkdf2 in %s has another prf than hmac-sha256", name)
		case given.C < 1:
			return nil, fail(BadFile, "pbkdf2's c in %s is not valid", name)
		case given.C > maxIterations:
			return nil, fail(TooCostly, "opening %s would take more than %d rounds of pbkdf2", name, maxIterations)
		}
		params["c"], params["prf"] = int(given.C), given.PRF
	default:
		return nil, fail(BadFile, "%s is locked with something else than scrypt or pbkdf2", name)
	}
	return params, nil
}

func isHex(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil
}

package signer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/crypto"
)

// password opens what is in testdata; part of it is no word of any message.
const password, part = "testpassword", "testpass"

// stored are the values in a keystore that could be told by mistake.
func stored(content string) []string { return long.FindAllString(content, -1) }

var long = regexp.MustCompile(`[0-9a-f]{16,}`)

// write puts a keystore into a file of its own that nobody else can read.
func write(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keystore.json")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestFromKeystore(t *testing.T) {
	private, err := crypto.HexToECDSA(key)
	if err != nil {
		t.Fatal(err)
	}
	// What geth and clef write, with little work and with --lightkdf.
	own := map[string]string{"scrypt": read(t, "scrypt.json"), "pbkdf2": read(t, "pbkdf2.json")}
	for name, settings := range map[string][2]int{"little work": {2, 1}, "geth's light": {keystore.LightScryptN, keystore.LightScryptP}} {
		content, err := keystore.EncryptKey(&keystore.Key{Address: crypto.PubkeyToAddress(private.PublicKey), PrivateKey: private}, password, settings[0], settings[1])
		if err != nil {
			t.Fatal(err)
		}
		own[name] = string(content)
	}
	for name, content := range own {
		t.Run(name, func(t *testing.T) {
			file := write(t, content)
			signer, err := FromKeystore(file, []byte(password))
			if err != nil {
				t.Fatal(err)
			}
			signsAll(t, signer)
			silent(t, everyForm(t, signer), part)
			if !strings.Contains(signer.String(), file) {
				t.Errorf("%s does not name the file", signer)
			}
			wrongs := []string{"Tr0ub4dor&3-and-more", "", password + "\n", " " + password}
			if name != "little work" {
				wrongs = wrongs[:1] // each takes a second
			}
			for _, wrong := range wrongs {
				_, err := FromKeystore(file, []byte(wrong))
				failed(t, err, WrongPassword, key, part, strings.TrimPrefix(strings.TrimSpace(wrong), password))
			}
		})
	}
}

// TestGethStandard opens what geth writes when nothing else is asked for.
func TestGethStandard(t *testing.T) {
	account, err := keystore.StoreKey(t.TempDir(), password, keystore.StandardScryptN, keystore.StandardScryptP)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := FromKeystore(account.URL.Path, []byte(password))
	if err != nil {
		t.Fatal(err)
	}
	if signer.Address() != account.Address {
		t.Errorf("its account is %s and not %s", signer.Address(), account.Address)
	}
}

func TestWrongKeystores(t *testing.T) {
	for _, base := range []string{"scrypt.json", "pbkdf2.json"} {
		for name, test := range map[string]struct {
			at   string // of the value that changes
			to   string // its JSON; empty takes it out
			want Kind
		}{
			"version 1":                    {"version", `"1"`, BadFile},
			"version 4":                    {"version", "4", BadFile},
			"no version":                   {"version", "", BadFile},
			"a version in quotes":          {"version", `"3"`, BadFile},
			"another account":              {"address", `"970e8128ab834e8eac17ab8e3812f010678cf791"`, BadFile},
			"no address in the address":    {"address", `"7a28b5ba57c53603"`, BadFile},
			"a number as the address":      {"address", "7", BadFile},
			"no crypto":                    {"crypto", "", BadFile},
			"crypto is null":               {"crypto", "null", BadFile},
			"crypto is a list":             {"crypto", "[1, 2]", BadFile},
			"another cipher":               {"crypto.cipher", `"7a28b5ba57c53603"`, BadFile},
			"a short text":                 {"crypto.ciphertext", `"7a28b5ba57c53603"`, BadFile},
			"no text":                      {"crypto.ciphertext", "", BadFile},
			"a text that is not hex":       {"crypto.ciphertext", `"` + strings.Repeat("testpass", 8) + `"`, BadFile},
			"a short iv":                   {"crypto.cipherparams.iv", `"83dbcc02"`, BadFile},
			"no iv":                        {"crypto.cipherparams", `{}`, BadFile},
			"a long iv":                    {"crypto.cipherparams.iv", `"` + strings.Repeat("0", 64) + `"`, BadFile},
			"a short mac":                  {"crypto.mac", `"ab"`, BadFile},
			"another mac":                  {"crypto.mac", `"` + strings.Repeat("0", 64) + `"`, WrongPassword},
			"another kdf":                  {"crypto.kdf", `"7a28b5ba57c53603"`, BadFile},
			"the other kdf's parameters":   {"crypto.kdfparams", `{"dklen": 32, "salt": "00"}`, BadFile},
			"no kdfparams":                 {"crypto.kdfparams", "", BadFile},
			"kdfparams is a text":          {"crypto.kdfparams", `"7a28b5ba57c53603"`, BadFile},
			"no salt":                      {"crypto.kdfparams.salt", "", WrongPassword},
			"a salt that is a number":      {"crypto.kdfparams.salt", "5", BadFile},
			"a salt that is not hex":       {"crypto.kdfparams.salt", `"testpassword"`, BadFile},
			"a long salt":                  {"crypto.kdfparams.salt", `"` + strings.Repeat("00", 2000) + `"`, BadFile},
			"a short derived key":          {"crypto.kdfparams.dklen", "16", BadFile},
			"a huge derived key":           {"crypto.kdfparams.dklen", "1073741824", BadFile},
			"a derived key that is a text": {"crypto.kdfparams.dklen", `"32"`, BadFile},
		} {
			t.Run(base+"/"+name, func(t *testing.T) {
				_, err := FromKeystore(write(t, change(t, read(t, base), test.at, test.to)), []byte(password))
				failed(t, err, test.want, append(stored(read(t, base)+test.to), key, part)...)
			})
		}
	}
}

func TestCostlyKeystores(t *testing.T) {
	for name, test := range map[string]struct {
		base, params string
		want         Kind
	}{
		"more memory":          {"scrypt.json", `"n": 524288, "r": 8, "p": 1`, TooCostly},
		"all memory":           {"scrypt.json", `"n": 1073741824, "r": 8, "p": 1`, TooCostly},
		"memory by r":          {"scrypt.json", `"n": 2, "r": 1073741823, "p": 1`, TooCostly},
		"time by p":            {"scrypt.json", `"n": 262144, "r": 8, "p": 2`, TooCostly},
		"time by a huge p":     {"scrypt.json", `"n": 2, "r": 1, "p": 1073741823`, TooCostly},
		"an overflow":          {"scrypt.json", `"n": 4611686018427387904, "r": 4, "p": 4611686018427387904`, TooCostly},
		"beyond 64 bits":       {"scrypt.json", `"n": 18446744073709551616, "r": 8, "p": 1`, BadFile},
		"as 1e5":               {"scrypt.json", `"n": 1e5, "r": 8, "p": 1`, BadFile},
		"no power of two":      {"scrypt.json", `"n": 262143, "r": 8, "p": 1`, BadFile},
		"n=1":                  {"scrypt.json", `"n": 1, "r": 8, "p": 1`, BadFile},
		"n=0":                  {"scrypt.json", `"n": 0, "r": 8, "p": 1`, BadFile},
		"the smallest n":       {"scrypt.json", `"n": -9223372036854775808, "r": 8, "p": 1`, BadFile},
		"r=0":                  {"scrypt.json", `"n": 2, "r": 0, "p": 1`, BadFile},
		"p=-1":                 {"scrypt.json", `"n": 2, "r": 8, "p": -1`, BadFile},
		"a fraction":           {"scrypt.json", `"n": 2.5, "r": 8, "p": 1`, BadFile},
		"little work":          {"scrypt.json", `"n": 2, "r": 8, "p": 1`, WrongPassword},
		"too many rounds":      {"pbkdf2.json", `"c": 10000001, "prf": "hmac-sha256"`, TooCostly},
		"far too many":         {"pbkdf2.json", `"c": 9223372036854775807, "prf": "hmac-sha256"`, TooCostly},
		"no rounds":            {"pbkdf2.json", `"c": 0, "prf": "hmac-sha256"`, BadFile},
		"fewer than no rounds": {"pbkdf2.json", `"c": -1, "prf": "hmac-sha256"`, BadFile},
		"another function":     {"pbkdf2.json", `"c": 1, "prf": "hmac-sha512"`, BadFile},
		"no function":          {"pbkdf2.json", `"c": 1`, BadFile},
		"one round":            {"pbkdf2.json", `"c": 1, "prf": "hmac-sha256"`, WrongPassword},
	} {
		t.Run(name, func(t *testing.T) {
			content := change(t, read(t, test.base), "crypto.kdfparams", `{"dklen": 32, "salt": "ab0c7876052600dd", `+test.params+`}`)
			_, err := FromKeystore(write(t, content), []byte(password))
			failed(t, err, test.want, append(stored(content), key, part)...)
		})
	}
}

func TestFilesThatAreNoKeystores(t *testing.T) {
	good := read(t, "pbkdf2.json")
	for name, content := range map[string]string{
		"nothing":           "",
		"a key":             key + "\n",
		"words":             "correct horse battery staple",
		"half a keystore":   good[:len(good)/2],
		"two keystores":     good + good,
		"null":              "null",
		"a list":            "[" + good + "]",
		"a text":            `"` + key + `"`,
		"deeply nested":     strings.Repeat("[", 60_000),
		"too large":         good + strings.Repeat(" ", maxKeystore),
		"not text":          "\xff\xfe\x00",
		"a number too much": `{"version": 3, "address": 7281948172645378291}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := FromKeystore(write(t, content), []byte(password))
			failed(t, err, BadFile, append(stored(good), key, part, "correct horse battery staple", "7281948172645378291")...)
		})
	}
	// As large as it may be.
	if _, err := FromKeystore(write(t, good+strings.Repeat(" ", maxKeystore-len(good))), []byte(password)); err != nil {
		t.Error(err)
	}
}

func TestKeystoreFiles(t *testing.T) {
	good := read(t, "pbkdf2.json")
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"nothing":             "",
		"a file that is gone": filepath.Join(dir, "gone"),
		"a folder":            dir,
		"a pipe":              pipe,
		"a device":            "/dev/null",
		"the key itself":      key,
		"the key with 0x":     "0x" + key,
		"the key in a path":   "/home/" + key,
		"no path":             "a\x00b",
		"a very long path":    strings.Repeat("x", 100_000),
	} {
		_, err := FromKeystore(path, []byte(password))
		t.Run(name, func(t *testing.T) { failed(t, err, BadFile, key, part) })
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644, 0o660, 0o610, 0o602} {
		file := write(t, good)
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		_, err := FromKeystore(file, []byte(password))
		failed(t, err, OpenFile, key, part)
		if err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("%v does not say chmod 600", err)
		}
	}
	file := write(t, good)
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := FromKeystore(link, []byte(password)); err != nil {
		t.Errorf("a link to a file that can only be read: %v", err)
	}
}

// change sets one value in a JSON text; its place is written with dots.
func change(t *testing.T, content, at, to string) string {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(content), &all); err != nil {
		t.Fatal(err)
	}
	names := strings.Split(at, ".")
	in := all
	for _, name := range names[:len(names)-1] {
		in = in[name].(map[string]any)
	}
	if last := names[len(names)-1]; to == "" {
		delete(in, last)
	} else {
		in[last] = json.RawMessage(to)
	}
	changed, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(changed)
}

func FuzzKeystore(f *testing.F) {
	for _, base := range []string{"scrypt.json", "pbkdf2.json"} {
		content, err := os.ReadFile(filepath.Join("testdata", base))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(content))
	}
	f.Fuzz(func(t *testing.T, content string) {
		parsed, _, err := parseKeystore([]byte(content), "the file")
		switch {
		case err == nil:
			// Opening the file does not panic; what it may cost is bounded, and the
			// fuzzer is spared it.
			for name, cheap := range map[string]int{"n": 2, "c": 1, "r": 1, "p": 1} {
				if _, ok := parsed.KDFParams[name]; ok {
					parsed.KDFParams[name] = float64(cheap)
				}
			}
			_, _ = keystore.DecryptDataV3(*parsed, password)
		case KindOf(err) != BadFile && KindOf(err) != TooCostly:
			t.Errorf("%v", err)
		}
	})
}

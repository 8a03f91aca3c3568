package main

import (
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/chaintest"
	"github.com/opengpu-network/templates/pkg/chain/contracts"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/devnet"
	"github.com/opengpu-network/templates/pkg/host/hosttest"
	"github.com/opengpu-network/templates/pkg/record"
	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v4"
)

// The scripts under testdata/publish are sessions at a terminal, each with a
// catalog of one template, echo, and a chain of its own. Lines are
//
//	# a remark
//	$ ogpu-tpl's arguments; {source1} is the address of the first source
//	> something that happens besides; see happenings
//	! what the command said on standard error
//	[1] its exit status, where it is not 0
//
// and all others what it said on standard output. What differs from run to run is
// numbered: hashes, CIDs, ports, times and amounts of gas.

// stage is where a script plays.
type stage struct {
	t      testing.TB
	dir    string // with the folder templates
	chain  *devnet.Devnet
	client *ethclient.Client
	node   *hosttest.Node
	env    map[string]string
	flags  []string // for every command that has them
	ids    map[string]string
	counts map[string]int
	// lies and made are what the gateway answers, by its path.
	lies, made map[string]string
	said       string // by the last happening
}

// patience is for one step of a test on a slow machine.
const chainPatience = 3 * time.Minute

// image is what the template echo runs. The digest is that of something else.
const image = "opengpunetwork/echo-for-tests:1@sha256:4a559b2dd3ef125d83f0b65f3f48d4795569c47d9ddbc3de36b3c1532da194d8"

// newStage makes a catalog with the template echo, a chain, and a host for files.
func newStage(t testing.TB, options devnet.Options) *stage {
	t.Helper()
	s := &stage{t: t, dir: t.TempDir(), env: map[string]string{}, ids: map[string]string{}, counts: map[string]int{}, lies: map[string]string{}, made: map[string]string{}}
	s.newCatalog()
	var err error
	if s.chain, err = devnet.Start(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.chain.Close() })
	if s.client, err = ethclient.DialContext(t.Context(), s.chain.RPCURL()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.client.Close)
	s.node = hosttest.NewPlainNode(t)
	s.node.OnGateway = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if made, ok := s.made[r.URL.Path]; ok {
			fmt.Fprint(w, made)
		} else if lie, ok := s.lies[r.URL.Path]; ok && lie == "" {
			http.NotFound(w, r)
		} else if ok {
			fmt.Fprint(w, lie)
		} else {
			next.ServeHTTP(w, r)
		}
	}
	s.flags = []string{
		"--rpc-url", s.chain.RPCURL(), "--host", "pinning=" + s.node.Uploads() + "," + s.node.Gateway.URL,
		"--journal", filepath.Join(s.dir, "journal"), "--timeout", chainPatience.String(),
	}
	return s
}

// newCatalog makes a catalog whose one template lints clean and is pinned.
func (s *stage) newCatalog() {
	s.t.Helper()
	dir := filepath.Join(s.dir, "templates/echo")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root(s.t), "testdata/smoke/echo"))); err != nil {
		s.t.Fatal(err)
	}
	edit(s.t, filepath.Join(dir, "template.yaml"), func(m map[string]any) {
		m["homepage"], m["keywords"] = "https://example.com/", []any{"test"}
		delete(m, "unpinned")
	})
	edit(s.t, filepath.Join(dir, "compose/cpu.yml"), func(p map[string]any) {
		merge(p, map[string]any{"services": map[string]any{"echo": map[string]any{"image": image}}})
	})
	readme := "# Echo\n\nThe function `echo` sends a text back. " + strings.Repeat("It is for tests. ", 20) + "\n\n```json\n{\"text\": \"hello\"}\n```\n"
	if err := os.WriteFile(filepath.Join(dir, "README.md"), []byte(readme), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// publisher makes the devnet's account the one that publishes on a network.
func (s *stage) publisher(network string) {
	s.t.Helper()
	s.happen(`write publishers.yaml ` + network + `: {client: "` + devnet.Account.Hex() + `", firstBlock: 1}`)
	s.env["CLIENT_PRIVATE_KEY"] = devnet.PrivateKey
}

// run runs the program in the catalog's folder.
func (s *stage) run(args ...string) (status int, stdout, stderr string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*chainPatience)
	defer cancel()
	return runInWith(ctx, s.t, s.dir, s.env, args...)
}

// command runs a command with those of the stage's flags that it has and that are
// not given.
func (s *stage) command(args ...string) (status int, stdout, stderr string) {
	s.t.Helper()
	return s.run(append(args, s.missing(strings.Join(args, " "))...)...)
}

// missing are those of the stage's flags that a command line has not, and could have.
func (s *stage) missing(line string) (flags []string) {
	command := newApp(World{}).Command(strings.Fields(line)[0])
	for i := 0; i < len(s.flags) && command != nil; i += 2 {
		if hasFlag(command, s.flags[i]) && !strings.Contains(line, s.flags[i]) {
			flags = append(flags, s.flags[i], s.flags[i+1])
		}
	}
	return flags
}

func hasFlag(command *cli.Command, name string) bool {
	return slices.ContainsFunc(command.Flags, func(flag cli.Flag) bool { return "--"+flag.Names()[0] == name })
}

// want runs a command and holds its status and all that it says against a
// pattern. It returns what it prints.
func (s *stage) want(status int, pattern string, args ...string) (stdout string) {
	s.t.Helper()
	got, stdout, stderr := s.command(args...)
	if got != status || !regexp.MustCompile("(?s)"+pattern).MatchString(stdout+stderr) {
		s.t.Fatalf("%v: status %d, want %d and %q:\n%s%s", args, got, status, pattern, stdout, stderr)
	}
	return stdout
}

// manifest changes the template.
func (s *stage) manifest(patch map[string]any) {
	s.t.Helper()
	edit(s.t, filepath.Join(s.dir, "templates/echo/template.yaml"), func(m map[string]any) { merge(m, patch) })
}

// sources are all that the Nexus lists.
func (s *stage) sources() []common.Address {
	s.t.Helper()
	nexus := contracts.NewNexus()
	instance := nexus.Instance(s.client, s.chain.Nexus())
	count, err := bind.Call(instance, nil, nexus.PackGetSourceCount(), nexus.UnpackGetSourceCount)
	if err != nil {
		s.t.Fatal(err)
	}
	list, err := bind.Call(instance, nil, nexus.PackGetSources(new(big.Int), count), nexus.UnpackGetSources)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// params are those of a source.
func (s *stage) params(address common.Address) chain.Params {
	s.t.Helper()
	source := contracts.NewSource()
	params, err := bind.Call(source.Instance(s.client, address), nil, source.PackGetSourceParams(), source.UnpackGetSourceParams)
	if err != nil {
		s.t.Fatal(err)
	}
	return params
}

// transact sends a transaction of anybody's and waits until it is mined.
func (s *stage) transact(key *ecdsa.PrivateKey, to common.Address, data []byte) *types.Receipt {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), chainPatience)
	defer cancel()
	id, err := s.client.ChainID(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	options := bind.NewKeyedTransactor(key, id)
	options.Context, options.NoSend = ctx, true
	// An estimate does not know the time of the block, which the source keeps.
	options.GasLimit = 8_000_000
	tx, err := bind.Transact(contracts.NewNexus().Instance(s.client, to), options, data)
	if err != nil {
		s.t.Fatal(err)
	}
	chaintest.Send(s.t, s.client, tx)
	receipt := chaintest.Mined(s.t, s.client, tx.Hash())
	if receipt.Status != types.ReceiptStatusSuccessful {
		s.t.Fatal(receipt)
	}
	return receipt
}

// rich makes an account with coins.
func (s *stage) rich() *ecdsa.PrivateKey {
	s.t.Helper()
	s.counts["rich"]++
	key, err := crypto.ToECDSA(crypto.Keccak256(fmt.Append(nil, "rich ", s.counts["rich"]))) // the same in each run
	if err != nil {
		s.t.Fatal(err)
	}
	s.pay(crypto.PubkeyToAddress(key.PublicKey), big.NewInt(1e18))
	return key
}

// pay sends coins to an account.
func (s *stage) pay(to common.Address, wei *big.Int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), chainPatience)
	defer cancel()
	id, err := s.client.ChainID(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	nonce, err := s.client.NonceAt(ctx, devnet.Account, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	tx := types.MustSignNewTx(devnet.Key(), types.LatestSignerForChainID(id), &types.DynamicFeeTx{
		ChainID: id, Nonce: nonce, GasTipCap: big.NewInt(1e9), GasFeeCap: big.NewInt(1e11), Gas: 21000, To: &to, Value: wei,
	})
	if err := s.client.SendTransaction(ctx, tx); err != nil {
		s.t.Fatal(err)
	}
	chaintest.Mined(s.t, s.client, tx.Hash())
}

// set has the owner write the parameters of a source, past the Nexus.
func (s *stage) set(address common.Address, change func(*chain.Params)) {
	s.t.Helper()
	params := s.params(address)
	change(&params)
	s.transact(devnet.Key(), address, contracts.NewSource().PackSetSourceParams(params))
}

// transactions is how many the devnet's account has in the chain.
func (s *stage) transactions() uint64 {
	s.t.Helper()
	nonce, err := s.client.NonceAt(s.t.Context(), devnet.Account, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return nonce
}

// happenings are what scripts can have happen. The source is the newest.
var happenings = map[string]func(s *stage, source common.Address, argument string){
	// The template is changed: a patch for template.yaml, as YAML.
	"manifest": func(s *stage, _ common.Address, patch string) {
		var m map[string]any
		if err := yaml.Unmarshal([]byte(patch), &m); err != nil {
			s.t.Fatal(err)
		}
		s.manifest(m)
	},
	// The same for compose/cpu.yml.
	"compose": func(s *stage, _ common.Address, patch string) {
		var m map[string]any
		if err := yaml.Unmarshal([]byte(patch), &m); err != nil {
			s.t.Fatal(err)
		}
		edit(s.t, filepath.Join(s.dir, "templates/echo/compose/cpu.yml"), func(p map[string]any) { merge(p, m) })
	},
	// The template's README ends with one more line.
	"readme": func(s *stage, _ common.Address, line string) {
		file := filepath.Join(s.dir, "templates/echo/README.md")
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, append(text, "\n"+line+"\n"...), 0o600)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	},
	// A file is written: its name, and its text.
	"write": func(s *stage, _ common.Address, argument string) {
		name, text, _ := strings.Cut(argument, " ")
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text+"\n"), 0o600); err != nil {
			s.t.Fatal(err)
		}
	},
	// A file is gone.
	"remove": func(s *stage, _ common.Address, name string) {
		if err := os.RemoveAll(filepath.Join(s.dir, name)); err != nil {
			s.t.Fatal(err)
		}
	},
	// A variable of the environment is set.
	"env": func(s *stage, _ common.Address, argument string) {
		name, value, _ := strings.Cut(argument, "=")
		s.env[name] = value
	},
	// So many providers register.
	"register": func(s *stage, source common.Address, number string) {
		n, err := strconv.Atoi(number)
		if err != nil {
			s.t.Fatal(err)
		}
		for range n {
			key := s.rich()
			s.transact(key, s.chain.Nexus(), contracts.NewNexus().PackRegister(source, crypto.PubkeyToAddress(key.PublicKey), 1))
		}
	},
	// The owner sets a parameter on the source itself.
	"set": func(s *stage, source common.Address, argument string) {
		field, value, _ := strings.Cut(argument, " ")
		s.set(source, func(p *chain.Params) {
			number, _ := new(big.Int).SetString(value, 10)
			switch field {
			case "minPayment":
				p.MinPayment = number
			case "minAvailableLockup":
				p.MinAvailableLockup = number
			case "maxExpiryDuration":
				p.MaxExpiryDuration = number
			case "deliveryMethod":
				p.DeliveryMethod = uint8(number.Uint64())
			case "imageEnvironments":
				p.ImageEnvironments = uint8(number.Uint64())
			case "imageMetadataUrl":
				if p.ImageMetadataUrl = value; value == "{metadata1}" {
					p.ImageMetadataUrl = s.params(s.sources()[0]).ImageMetadataUrl
				}
			case "optionalParamsUrl":
				p.OptionalParamsUrl = value
			case "privacyEnabled":
				p.PrivacyEnabled = value == "true"
			case "client":
				p.Client = common.HexToAddress(value)
			default:
				s.t.Fatal("no such parameter", field)
			}
		})
	},
	// The owner gives the source away.
	"transfer": func(s *stage, source common.Address, to string) {
		s.transact(devnet.Key(), source, contracts.NewSource().PackTransferOwnership(common.HexToAddress(to)))
	},
	// A stranger publishes a source with the same metadata.
	"stranger": func(s *stage, source common.Address, _ string) {
		key, params := s.rich(), s.params(source)
		params.Client = crypto.PubkeyToAddress(key.PublicKey)
		s.transact(key, s.chain.Nexus(), contracts.NewNexus().PackPublishSource(params))
	},
	// The client publishes the same once more, past this program.
	"twice": func(s *stage, source common.Address, _ string) {
		s.transact(devnet.Key(), s.chain.Nexus(), contracts.NewNexus().PackPublishSource(s.params(source)))
	},
	// The client publishes a source with metadata of its own, past this program.
	"handmade": func(s *stage, source common.Address, metadata string) {
		params := s.params(source)
		params.Client, params.ImageMetadataUrl = devnet.Account, s.node.Gateway.URL+"/ipfs/handmade"
		s.made["/ipfs/handmade"] = unquote(s.t, metadata)
		s.transact(devnet.Key(), s.chain.Nexus(), contracts.NewNexus().PackPublishSource(params))
	},
	// The owner points the source at its own metadata, with a patch: JSON.
	"forged": func(s *stage, source common.Address, patch string) {
		var metadata, patched map[string]any
		if err := json.Unmarshal([]byte(fetched(s.t.(*testing.T), s.params(source).ImageMetadataUrl)), &metadata); err != nil {
			s.t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(patch), &patched); err != nil {
			s.t.Fatal(err)
		}
		merge(metadata, patched)
		text, err := json.Marshal(metadata)
		if err != nil {
			s.t.Fatal(err)
		}
		s.made["/ipfs/forged"] = string(text)
		s.set(source, func(p *chain.Params) { p.ImageMetadataUrl = s.node.Gateway.URL + "/ipfs/forged" })
	},
	// A file is shown.
	"show": func(s *stage, _ common.Address, name string) {
		s.said = read(s.t.(*testing.T), filepath.Join(s.dir, name))
	},
	// A smoke record of a run on real hardware is written to record.json.
	"record": func(s *stage, _ common.Address, _ string) {
		dir := filepath.Join(s.dir, "templates/echo")
		var manifest struct{ Version string }
		if err := yaml.Unmarshal([]byte(read(s.t.(*testing.T), filepath.Join(dir, "template.yaml"))), &manifest); err != nil {
			s.t.Fatal(err)
		}
		text, err := json.Marshal(record.File{Schema: record.Schema, Records: []record.Record{{
			Template: "echo", Version: manifest.Version, Environment: "cpu", Status: record.Passed, Hardware: record.Real, Compared: true, Digest: modelDigest(s.t.(*testing.T), dir),
			Started: today, Engine: &record.Engine{Version: "20.10.24"}, Times: record.Times{Total: 60},
			Images: []record.Image{{Service: "echo", Digest: image[strings.Index(image, "@")+1:]}},
			Cases:  []record.Case{{Name: "good", Function: "echo", Status: record.Passed}, {Name: "bad", Function: "echo", Status: record.Passed}},
		}}})
		if err == nil {
			err = os.WriteFile(filepath.Join(s.dir, "record.json"), text, 0o600)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	},
	// The gateway has a file no more: metadata, or the path of a file.
	"gone": func(s *stage, source common.Address, file string) { s.lies[s.pathOf(source, file)] = "" },
	// The gateway gives something else.
	"replaced": func(s *stage, source common.Address, argument string) {
		file, text, _ := strings.Cut(argument, " ")
		s.lies[s.pathOf(source, file)] = unquote(s.t, text)
	},
	// The gateway is well again.
	"well": func(s *stage, _ common.Address, _ string) { clear(s.lies) },
	// Nexus refuses everything with this reason; none ends it.
	"refuse": func(s *stage, _ common.Address, reason string) {
		if _, err := s.chain.Refuse(s.t.Context(), unquote(s.t, reason)); err != nil {
			s.t.Fatal(err)
		}
	},
	// Nothing has been uploaded or sent since the last time.
	"nothing was uploaded or sent": func(s *stage, _ common.Address, _ string) {
		if u, n := int(s.node.Adds.Load()), int(s.transactions()); u != s.counts["uploads"] || n != s.counts["transactions"] {
			s.t.Errorf("%d uploads and %d transactions, and before %d and %d", u, n, s.counts["uploads"], s.counts["transactions"])
		}
	},
}

// unquote reads a Go string, so that scripts can hold what cannot be printed.
func unquote(t testing.TB, text string) string {
	t.Helper()
	if !strings.HasPrefix(text, `"`) {
		return text
	}
	text, err := strconv.Unquote(text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// pathOf is where the gateway has a file of a source.
func (s *stage) pathOf(source common.Address, file string) string {
	s.t.Helper()
	link := s.params(source).ImageMetadataUrl
	if file != "metadata" {
		var m struct {
			Template struct {
				Files []struct{ Path, URL string }
			}
		}
		response, err := http.Get(link)
		if err != nil {
			s.t.Fatal(err)
		}
		defer response.Body.Close()
		if err := yaml.NewDecoder(response.Body).Decode(&m); err != nil {
			s.t.Fatal(err)
		}
		for _, f := range m.Template.Files {
			if f.Path == file {
				link = f.URL
			}
		}
	}
	return strings.TrimPrefix(link, s.node.Gateway.URL)
}

// happen has something happen.
func (s *stage) happen(what string) {
	s.t.Helper()
	do, argument := happenings[what], ""
	if do == nil {
		what, argument, _ = strings.Cut(what, " ")
		do = happenings[what]
	}
	if do == nil {
		s.t.Fatalf("nothing that can happen is called %q", what)
	}
	var newest common.Address
	if all := s.sources(); len(all) > 0 {
		newest = all[len(all)-1]
	}
	do(s, newest, argument)
}

// varying is what differs from run to run, and how it is numbered.
var varying = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`\b0x[0-9a-f]{64}\b`), "transaction"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "sha256"},
	{regexp.MustCompile(`\bQm[1-9A-HJ-NP-Za-km-z]{44}\b`), "cid"},
	{regexp.MustCompile(`127\.0\.0\.1:[0-9]+`), "host"},
	{regexp.MustCompile(`\b[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:]{8}( UTC|Z)`), "time"},
	{regexp.MustCompile(`"(gas|gasUsed)": [0-9]+|"cost": "[0-9]+"`), "gas"},
	{regexp.MustCompile(`"data": "0x[0-9a-f]+"`), "data"},
	{regexp.MustCompile(`at most [0-9]+, which cost at most [0-9.]+ OGPU`), "gas"},
	{regexp.MustCompile(`may cost [0-9.]+ OGPU`), "cost"},
	{regexp.MustCompile(`takes [0-9]{6,} gas`), "takes"},
}

// stable replaces what differs from run to run.
func (s *stage) stable(text string) string {
	text = strings.ReplaceAll(text, s.dir, "DIR")
	for _, v := range varying {
		text = v.pattern.ReplaceAllStringFunc(text, func(found string) string {
			id := s.ids[found]
			switch {
			case v.name == "time" || v.name == "gas" || v.name == "cost" || v.name == "takes" || v.name == "data":
				return "<" + v.name + ">"
			case id == "":
				s.counts[v.name]++
				id = fmt.Sprintf("<%s %d>", v.name, s.counts[v.name])
				s.ids[found] = id
			}
			return id
		})
	}
	return text
}

// play plays a script and returns it as it came out.
func (s *stage) play(script string) string {
	s.t.Helper()
	var out strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimRight(line, "\n")
		what, isHappening := strings.CutPrefix(line, "> ")
		typed, isCommand := strings.CutPrefix(line, "$ ")
		if !isHappening && !isCommand && !strings.HasPrefix(line, "#") {
			continue
		}
		if isCommand && out.Len() > 0 || strings.HasPrefix(line, "#") && !strings.HasPrefix(lastLine(out.String()), "#") && out.Len() > 0 {
			out.WriteString("\n")
		}
		out.WriteString(line + "\n")
		if isHappening {
			s.happen(what)
			for line := range strings.Lines(s.stable(s.said)) {
				out.WriteString(shown(line))
			}
			s.said = ""
		}
		if !isHappening || what != "nothing was uploaded or sent" {
			s.counts["uploads"], s.counts["transactions"] = int(s.node.Adds.Load()), int(s.transactions())
		}
		if isCommand {
			for i, source := range s.sources() {
				typed = strings.ReplaceAll(typed, fmt.Sprintf("{source%d}", i+1), source.Hex())
			}
			typed = strings.ReplaceAll(typed, "{rpc}", s.chain.RPCURL())
			status, stdout, stderr := s.command(strings.Fields(typed)...)
			for line := range strings.Lines(s.stable(stdout)) {
				out.WriteString(shown(line))
			}
			for line := range strings.Lines(s.stable(stderr)) {
				out.WriteString("! " + strings.TrimSuffix(line, "\n") + "\n")
			}
			if status != statusClean {
				fmt.Fprintf(&out, "[%d]\n", status)
			}
			if harm := harmful.FindString(stdout + strings.ReplaceAll(stderr, "\n", "")); harm != "" {
				s.t.Errorf("%s: the output holds %q", typed, harm)
			}
		}
	}
	return out.String()
}

// harmful is what could move a cursor, turn text round or pass for a workflow
// command.
var harmful = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]|(?m)^\\s*(::|##\\[)")

func lastLine(text string) string {
	text = strings.TrimSuffix(text, "\n")
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// shown marks a line that could be taken for one of the script's own.
func shown(line string) string {
	if strings.ContainsAny(line[:1], "#$>![") && !strings.HasPrefix(line, "[\n") {
		return " " + line
	}
	return line
}

// TestScripts plays the scripts.
func TestScripts(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob(filepath.Join(root(t), "testdata/publish/*.txt"))
	if err != nil || len(scripts) == 0 {
		t.Fatal(scripts, err)
	}
	for _, file := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			beside(t)
			script := read(t, file)
			golden(t, file, newStage(t, networkOf(t, script)).play(script))
		})
	}
}

// networkOf is the chain that a script plays on: its first line may say
// `# network: testnet`.
func networkOf(t testing.TB, script string) devnet.Options {
	t.Helper()
	first, _, _ := strings.Cut(script, "\n")
	name, ok := strings.CutPrefix(first, "# network: ")
	if !ok {
		return devnet.Options{}
	}
	network, ok := networks.Find(name)
	if !ok {
		t.Fatal(first)
	}
	return devnet.Options{ChainID: network.ChainID, Nexus: network.Nexus}
}

// devnetBlock is a console block of a document whose commands need a chain.
var devnetBlock = regexp.MustCompile("(?ms)^```console devnet\n(.*?)^```$")

// TestDevnetDocuments runs what the documents show on a devnet. What differs from
// run to run may differ.
func TestDevnetDocuments(t *testing.T) {
	beside(t)
	for _, document := range []string{"README.md", "docs/publish.md"} {
		t.Run(filepath.Base(document), func(t *testing.T) {
			s := newStage(t, devnet.Options{})
			s.dir = root(t)
			s.flags = []string{
				"--rpc-url", s.chain.RPCURL(), "--host", "pinning=" + s.chain.PinningURL() + "," + s.chain.GatewayURL(),
				"--journal", t.TempDir(), "--timeout", chainPatience.String(),
			}
			usual := strings.NewReplacer(s.chain.RPCURL(), "http://127.0.0.1:8545", s.chain.GatewayURL(), "http://127.0.0.1:8546")
			file := filepath.Join(s.dir, document)
			text, blocks := read(t, file), 0
			golden(t, file, devnetBlock.ReplaceAllStringFunc(text, func(block string) string {
				blocks++
				var out strings.Builder
				out.WriteString("```console devnet\n")
				for line := range strings.Lines(devnetBlock.FindStringSubmatch(block)[1]) {
					if typed, ok := strings.CutPrefix(strings.TrimSpace(line), "$ ogpu-tpl "); ok {
						_, stdout, stderr := s.command(strings.Fields(typed)...)
						out.WriteString(line + usual.Replace(stdout+stderr))
					}
				}
				out.WriteString("```")
				var shown, said stage
				shown.ids, shown.counts, said.ids, said.counts = map[string]string{}, map[string]int{}, map[string]string{}, map[string]int{}
				if shown.dir, said.dir = s.dir, s.dir; shown.stable(block) == said.stable(out.String()) {
					return block
				}
				return out.String()
			}))
			if blocks == 0 {
				t.Error("no command is shown")
			}
		})
	}
}

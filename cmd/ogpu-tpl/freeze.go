package main

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/host"
	"github.com/opengpu-network/templates/pkg/record"
	"github.com/opengpu-network/templates/pkg/release"
	"github.com/urfave/cli/v2"
)

// provenanceFile stands beside a release, outside its digest.
const provenanceFile = "provenance.json"

func freezeCommand(world World) *cli.Command {
	return &cli.Command{
		Name:      "freeze",
		Usage:     "make a version of a template into files whose bytes never change",
		ArgsUsage: "NAME",
		Description: "Each environment becomes one self-contained compose file. The release digest\n" +
			"covers these, the README, the logo, the terms and the hardware; where they came\n" +
			"from stands beside them. For a real network every image must be pinned and every\n" +
			"environment proven by a smoke record.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl freeze document-ocr\n" +
			"  ogpu-tpl freeze ollama --network mainnet --record smoke.json --host pinning\n" +
			"  ogpu-tpl freeze ollama --network testnet --record smoke.json --except amd=\"no such machine yet\"",
		Flags: []cli.Flag{
			templatesFlag(),
			policiesFlag(),
			&cli.StringFlag{Name: "network", Value: "devnet", Usage: "the `NETWORK` that it is for: " + oneOf(networks()) + "; on the devnet unpinned and unproven is allowed"},
			&cli.StringSliceFlag{Name: "record", Usage: "a smoke record `FILE`; may be repeated"},
			&cli.StringSliceFlag{Name: "except", Usage: "an environment without a record, as `ENVIRONMENT=REASON`; the reason is published"},
			&cli.StringFlag{Name: "host", Usage: hostFlagUsage},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the release into the folder `DIR`", DefaultText: "dist/NAME-VERSION"},
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "print text or json"},
		},
		Action: func(c *cli.Context) error { return runFreeze(c, world) },
	}
}

func networks() []string { return []string{"devnet", "testnet", "mainnet"} }

// provenance says where a release came from.
type provenance struct {
	Digest  string `json:"digest"`
	Network string `json:"network"`
	Tool    string `json:"tool"`
	// Commit is the one of the checkout; Modified is true when the template's
	// folder differs from it.
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	// Marks are what a real network would have refused.
	Marks      []string          `json:"marks,omitempty"`
	Exceptions map[string]string `json:"exceptions,omitempty"`
	Records    []record.Record   `json:"records,omitempty"`
	Files      []release.File    `json:"files"`
	// Hosted is where the files are, once they are somewhere.
	Hosted *hosted `json:"hosted,omitempty"`
}

func runFreeze(c *cli.Context, world World) error {
	if c.NArg() != 1 {
		return usagef("give one template; see ogpu-tpl freeze --help")
	}
	network := c.String("network")
	if !slices.Contains(networks(), network) {
		return usagef("unknown network %q: use %s%s", network, oneOf(networks()), document.Suggest(network, networks()))
	}
	if !slices.Contains([]string{"text", "json"}, c.String("format")) {
		return usagef("unknown format %q: use text or json", c.String("format"))
	}
	evidence, err := readEvidence(c)
	if err != nil {
		return err
	}
	result, err := lintRetained(c, world)
	if err != nil {
		return err
	}
	if worst := finding.Worst(result.Findings); worst >= finding.Warning || len(result.Linted) == 0 {
		return fmt.Errorf("%s is not clean: see ogpu-tpl lint %s", c.Args().First(), c.Args().First())
	}
	template, projects := result.Linted[0].Template, map[catalog.Environment]*compose.Project{}
	for _, linted := range result.Linted {
		projects[linted.Environment] = linted.Project
	}
	frozen, err := release.Freeze(template, projects)
	if err != nil {
		return err
	}
	if evidence.Released, err = release.Released(template.Dir); err != nil {
		return fmt.Errorf("%s: %w", template.Name, err)
	}
	problems := release.Problems(frozen, template, projects, evidence)
	if network != "devnet" && len(problems) > 0 {
		for _, problem := range problems {
			printf(world.Err, "%s\n", safe(problem))
		}
		return fmt.Errorf("%s cannot be frozen for the %s: %d problems are listed above", template.Name, network, len(problems))
	}
	p := provenance{Digest: frozen.Digest, Network: network, Tool: version(), Marks: problems, Exceptions: map[string]string{}, Files: frozen.Files}
	p.Commit, p.Modified = commit(c.Context, template)
	for environment, reason := range evidence.Exceptions {
		p.Exceptions[environment.String()] = reason
	}
	for _, r := range evidence.Records {
		if r.Template == template.Name && r.Version == frozen.Version {
			p.Records = append(p.Records, r)
		}
	}
	if text := c.String("host"); text != "" {
		if p.Hosted, err = serve(c, text, p, template, frozen); err != nil {
			return err
		}
	}
	beside, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	dir := c.String("output")
	if dir == "" {
		dir = filepath.Join("dist", frozen.Name+"-"+frozen.Version)
	}
	if err := frozen.Write(dir, map[string][]byte{provenanceFile: append(beside, '\n')}); err != nil {
		return err
	}
	return printRelease(c, world, frozen, p, dir)
}

// serve puts the files where --host says. Whatever else is wrong has been said
// before: what is uploaded stays.
func serve(c *cli.Context, text string, p provenance, t *catalog.Template, r *release.Release) (*hosted, error) {
	fetcher := &fetch.Fetcher{AllowLoopback: p.Network == "devnet"}
	where, err := openHost(text, p.Commit, fetcher)
	if err != nil {
		return nil, usagef("--host: %w", err)
	}
	if closer, ok := where.(io.Closer); ok {
		defer closer.Close()
	}
	return put(c.Context, &host.Uploader{Host: where, Fetcher: fetcher}, t, r)
}

func printRelease(c *cli.Context, world World, frozen *release.Release, p provenance, dir string) error {
	if c.String("format") == "json" {
		text, err := json.MarshalIndent(struct {
			*release.Release
			Hosted *hosted `json:"hosted,omitempty"`
		}{frozen, p.Hosted}, "", "  ")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(world.Out, "%s\n", text)
		return err
	}
	printf(world.Out, "%s %s\n%s\n", frozen.Name, frozen.Version, frozen.Digest)
	for _, f := range frozen.Files {
		printf(world.Out, "  %-20s  %7d bytes  %s\n", f.Path, f.Size, f.CID)
	}
	for _, problem := range p.Marks {
		printf(world.Out, "for the devnet only: %s\n", safe(problem))
	}
	if p.Hosted != nil {
		printf(world.Out, "at %s\n", safe(p.Hosted.MetadataURL))
	}
	printf(world.Out, "in %s\n", safe(dir))
	return nil
}

// readEvidence reads what is given on the command line besides the template.
func readEvidence(c *cli.Context) (release.Evidence, error) {
	evidence := release.Evidence{Exceptions: map[catalog.Environment]string{}}
	for _, exception := range c.StringSlice("except") {
		name, reason, _ := strings.Cut(exception, "=")
		environment, err := catalog.ParseEnvironment(name)
		if err != nil {
			return evidence, usagef("--except %s: %w", exception, err)
		}
		if len(strings.TrimSpace(reason)) < 10 {
			return evidence, usagef("--except %s: say why, as %s=\"the reason\" with at least ten letters; it is published", exception, name)
		}
		if evidence.Exceptions[environment] != "" {
			return evidence, usagef("--except: %s is named twice", name)
		}
		evidence.Exceptions[environment] = reason
	}
	for _, name := range c.StringSlice("record") {
		data, err := readLimited(name, record.MaxBytes)
		if err != nil {
			return evidence, usagef("--record %s: %w", name, cause(err))
		}
		file, err := record.Read(data)
		if err != nil {
			return evidence, usagef("--record %s: %w", name, err)
		}
		evidence.Records = append(evidence.Records, file.Records...)
	}
	return evidence, nil
}

// readLimited reads a file up to one byte more than a limit.
func readLimited(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is no file")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, limit+1))
}

// commit is the commit of the checkout that a template's folder lies in, and
// whether its files differ from it. It is empty where there is no Git.
//
// Git is only asked for what it has stored. Commands that look at the files, such
// as git status, run programs that the checkout's configuration names, and the
// checkout may be a stranger's.
func commit(ctx context.Context, t *catalog.Template) (head string, modified bool) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	git := func(args ...string) (string, error) {
		command := exec.CommandContext(ctx, "git", append([]string{"-C", t.Dir, "-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit"}, args...)...)
		command.WaitDelay = time.Second
		out, err := command.Output()
		return strings.TrimSpace(string(out)), err
	}
	head, err := git("rev-parse", "--verify", "HEAD")
	if err != nil {
		return "", false
	}
	list, err := git("ls-tree", "-r", "-z", "HEAD", ".")
	return head, err != nil || !sameFiles(t, list, len(head))
}

// sameFiles holds a template's files against a list of `git ls-tree -z`.
func sameFiles(t *catalog.Template, list string, hashLength int) bool {
	stored := map[string]string{}
	for _, entry := range strings.Split(strings.Trim(list, "\x00"), "\x00") {
		if about, name, ok := strings.Cut(entry, "\t"); ok {
			stored[name] = about[strings.LastIndexByte(about, ' ')+1:]
		}
	}
	root, err := os.OpenRoot(t.Dir)
	if err != nil {
		return false
	}
	defer root.Close()
	for _, f := range t.Files {
		if f.Kind == catalog.Dir {
			continue
		}
		data, err := root.ReadFile(f.Path)
		if err != nil || stored[f.Path] != blob(data, hashLength) {
			return false
		}
		delete(stored, f.Path)
	}
	return len(stored) == 0
}

// blob is the name that Git gives to a file's content: by SHA-1, or by SHA-256 in
// a repository whose hashes are longer.
func blob(data []byte, length int) string {
	var h hash.Hash = sha1.New()
	if length == sha256.Size*2 {
		h = sha256.New()
	}
	fmt.Fprintf(h, "blob %d\x00", len(data))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

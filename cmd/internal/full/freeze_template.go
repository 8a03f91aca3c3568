package full

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/policy"
	"github.com/opengpu-network/templates/pkg/record"
	"github.com/opengpu-network/templates/pkg/release"
)

// Freezing says what is to be frozen, for what, and what speaks for it.
type Freezing struct {
	// Template is a template's name or folder, and Templates the folder in which
	// names are looked up; "" when there is none.
	Template, Templates string
	// Policies is a folder with an organisation's own policies, or "".
	Policies string
	// Network is one of networks.Names.
	Network string
	// Records are smoke records, of this template and of others.
	Records []record.Record
	// Exceptions are the environments that need no record, each with the reason.
	Exceptions map[catalog.Environment]string
}

// Frozen is a release that may go to its network.
type Frozen struct {
	*release.Release
	// Template is closed: its manifest can be read, its files cannot.
	Template *catalog.Template
	Network  string
	// About goes into the metadata. Its marks are empty but for the devnet.
	About release.About
	// Records are those about this version.
	Records []record.Record
}

// FreezeTemplate lints a template, freezes it, and holds what speaks for it
// against what its network asks for. It writes no files. What keeps a template
// from a real network is listed on world.Err, a line each. A mistake in what was
// asked for is one of usage.
func FreezeTemplate(ctx context.Context, world app.World, what Freezing) (*Frozen, error) {
	if !slices.Contains(networks.Names(), what.Network) {
		return nil, app.Usagef("unknown network %q: use %s%s", what.Network, app.OneOf(networks.Names()), document.Suggest(what.Network, networks.Names()))
	}
	set, err := app.LoadPolicies(what.Policies)
	if err != nil {
		return nil, err
	}
	app.WarnRegistries(world.Err, set, what.Policies)
	target, err := templateTarget(what)
	if err != nil {
		return nil, err
	}
	if err := set.Compile(ctx, func(string) bool { return true }); err != nil {
		return nil, err
	}
	linter := &lint.Linter{Today: world.Now(), Policies: set, Retain: true}
	result, err := linter.Run(ctx, []lint.Target{target})
	if err != nil {
		return nil, err
	}
	unread := func(l lint.Linted) bool { return l.Project == nil }
	if worst := finding.Worst(result.Findings); worst >= finding.Warning || slices.ContainsFunc(result.Linted, unread) {
		return nil, fmt.Errorf("%s is not clean: see ogpu-tpl lint %s", what.Template, what.Template)
	}
	template, projects := result.Linted[0].Template, map[catalog.Environment]*compose.Project{}
	for _, linted := range result.Linted {
		projects[linted.Environment] = linted.Project
	}
	f := &Frozen{Template: template, Network: what.Network, About: release.About{Origin: origin(ctx, template)}}
	if f.Release, err = release.Freeze(ctx, template, projects); err != nil {
		return nil, err
	}
	if err := lintFrozen(ctx, set, template, f.Release); err != nil {
		return nil, err
	}
	evidence := release.Evidence{Records: what.Records, Exceptions: what.Exceptions, Now: world.Now()}
	if evidence.Released, err = release.Released(template.Dir); err != nil {
		return nil, fmt.Errorf("%s: %w", template.Name, err)
	}
	problems := release.Problems(f.Release, template, projects, evidence)
	if what.Network != networks.Devnet && len(problems) > 0 {
		for _, problem := range problems {
			printf(world.Err, "%s\n", app.Safe(problem))
		}
		return nil, fmt.Errorf("%s cannot be frozen for the %s: %d problems are listed above", template.Name, what.Network, len(problems))
	}
	f.About.Marks = problems
	for environment, reason := range what.Exceptions {
		if f.About.Exceptions == nil {
			f.About.Exceptions = map[string]string{}
		}
		f.About.Exceptions[environment.String()] = reason
	}
	for _, r := range what.Records {
		if r.Template == template.Name && r.Version == f.Version {
			f.Records = append(f.Records, r)
		}
	}
	return f, nil
}

// templateTarget finds the one template.
func templateTarget(what Freezing) (lint.Target, error) {
	targets, err := lint.Targets(what.Templates, []string{what.Template})
	if errors.Is(err, lint.ErrNoTarget) {
		return lint.Target{}, app.AsUsage(err)
	} else if err != nil {
		return lint.Target{}, err
	}
	target := targets[0]
	if target.File != "" || target.Environment != 0 {
		return lint.Target{}, app.Usagef("%s is a compose file, and a release is made of a whole template: give the template's name or folder", what.Template)
	}
	return target, nil
}

// lintFrozen lints each frozen compose file as a provider does, who has nothing
// else. There must be no error in it that the template's own file does not have
// when nobody knows the manifest, with its waivers and unpinned images, either.
func lintFrozen(ctx context.Context, set *policy.Set, t *catalog.Template, r *release.Release) error {
	dir, err := os.MkdirTemp("", "ogpu-tpl-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, environment := range t.Manifest.Environments.List() {
		name := catalog.ComposePath(environment)
		text := r.Files[slices.IndexFunc(r.Files, func(f release.File) bool { return f.Path == name })].Data
		file := path.Base(name)
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o600); err != nil {
			return err
		}
		linter := &lint.Linter{Policies: set, Environment: environment}
		before, err := linter.Run(ctx, []lint.Target{{Dir: t.Dir, File: name, Display: name}})
		if err != nil {
			return err
		}
		after, err := linter.Run(ctx, []lint.Target{{Dir: dir, File: file, Display: name}})
		if err != nil {
			return err
		}
		for _, found := range after.Findings {
			known := slices.ContainsFunc(before.Findings, func(f finding.Finding) bool {
				return f.Rule == found.Rule && fmt.Sprint(f.Path) == fmt.Sprint(found.Path)
			})
			if found.Severity == finding.Error && !known {
				return fmt.Errorf("%s breaks %s once it is frozen, and did not before: this is an error in ogpu-tpl itself, please report it with the template", name, found.Rule)
			}
		}
	}
	return nil
}

// Provenance says where a release came from and what stands for it. It is written
// beside the release, outside its digest.
type Provenance struct {
	Digest  string `json:"digest"`
	Network string `json:"network"`
	release.About
	Records []record.Record `json:"records,omitempty"`
	Files   []release.File  `json:"files"`
	// Hosted is where the files are, once they are somewhere.
	Hosted *Hosted `json:"hosted,omitempty"`
}

// ProvenanceFile is the name of the provenance: one for each network, as what
// speaks for the same bytes differs between them.
func ProvenanceFile(network string) string { return "provenance." + network + ".json" }

func (f *Frozen) provenance(at *Hosted) Provenance {
	return Provenance{Digest: f.Digest, Network: f.Network, About: f.About, Records: f.Records, Files: f.Files, Hosted: at}
}

// readEvidence reads smoke records from files, and exceptions that are written
// ENVIRONMENT=REASON.
func readEvidence(records, exceptions []string) (release.Evidence, error) {
	evidence := release.Evidence{Exceptions: map[catalog.Environment]string{}}
	for _, exception := range exceptions {
		name, reason, _ := strings.Cut(exception, "=")
		environment, err := catalog.ParseEnvironment(name)
		if err != nil {
			return evidence, app.Usagef("--except %s: %w", exception, err)
		}
		if err := release.CheckReason(reason); err != nil {
			return evidence, app.Usagef("--except: say why, as %s=\"the reason\": %w", name, err)
		}
		if evidence.Exceptions[environment] != "" {
			return evidence, app.Usagef("--except: %s is named twice", name)
		}
		evidence.Exceptions[environment] = reason
	}
	for _, name := range records {
		data, err := app.ReadLimited(name, record.MaxBytes)
		if err != nil {
			return evidence, app.Usagef("--record %s: %w", name, app.Cause(err))
		}
		file, err := record.Read(data)
		if err != nil {
			return evidence, app.Usagef("--record %s: %w", name, err)
		}
		evidence.Records = append(evidence.Records, file.Records...)
	}
	return evidence, nil
}

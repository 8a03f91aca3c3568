// Package importer makes a template of what says how a source was published: the
// SDK's configuration as JSON, the parameters on the chain, the metadata that they
// lead to, or the older form with docker_images. What it reads is a stranger's.
package importer

import (
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/opengpu-network/templates/pkg/catalog"
)

// Import is all that a template is made of.
type Import struct {
	Config
	// Environments are those of the template, in the order cpu, nvidia, amd.
	Environments []catalog.Environment
	// Files are the compose files and the logo that were got, by their paths in
	// the template.
	Files map[string][]byte
	// LogoFile is the logo's path among the files, empty when there is none.
	LogoFile string
	// Missing is what was not fetched, a sentence each: without it the template is
	// not whole.
	Missing []string
}

func (i *Import) note(format string, args ...any) {
	i.Notes = append(i.Notes, fmt.Sprintf(format, args...))
}

// Write writes the template to the folder dir, whose parent must exist, whole or
// not at all. It refuses a folder that is already there.
func (i *Import) Write(dir, name string) error {
	unpinned := i.unpinned()
	draft := &catalog.Draft{
		Title: i.Name, Description: i.Description, Logo: i.LogoFile,
		MinPayment: i.MinPayment, MinAvailableLockup: i.MinAvailableLockup, MaxExpiryDuration: i.MaxExpiryDuration,
		DeliveryMethod: i.DeliveryMethod, PrivacyEnabled: i.PrivacyEnabled, VRAM: i.VRAM, Images: i.Images,
	}
	for _, image := range unpinned {
		draft.Unpinned = append(draft.Unpinned, catalog.Unpinned{Image: image, Reason: "Imported without a digest."})
	}
	files := map[string][]byte{"logo.svg": nil}
	for _, environment := range i.Environments {
		if i.Images[environment] == "" {
			files[catalog.ComposePath(environment)] = nil
		}
	}
	maps.Copy(files, i.Files)
	readme, err := i.readme(name)
	if err != nil {
		return err
	}
	files[catalog.ReadmeFile] = readme
	return catalog.Scaffold(dir, catalog.ScaffoldOptions{Name: name, Environments: i.Environments, Draft: draft, Files: files})
}

// environments are those that are known, or those of the bits when none is.
func (i *Import) environments() (known []catalog.Environment) {
	named := len(i.Compose)+len(i.Images) > 0
	for _, environment := range catalog.AllEnvironments() {
		_, compose := i.Compose[environment]
		_, image := i.Images[environment]
		if compose || image || !named && i.Bits&uint8(environment) != 0 {
			known = append(known, environment)
		}
	}
	return known
}

// fit makes the texts fit the manifest, and notes what was changed or looks wrong.
func (i *Import) fit() {
	if title := cut(i.Name, maxTitle); title != i.Name {
		i.note("name is longer than the %d characters of a title and was cut.", maxTitle)
		i.Name = title
	} else if n := len([]rune(i.Name)); n > 0 && n < minTitle {
		i.note("name is shorter than the %d characters of a title: write one.", minTitle)
		i.Name = ""
	}
	if description := cut(i.Description, maxDescription); description != i.Description {
		i.note("description is longer than %d characters and was cut.", maxDescription)
		i.Description = description
	}
	i.terms()
	if gpus := slices.ContainsFunc(i.Environments, func(e catalog.Environment) bool { return e != catalog.CPU }); i.VRAM != 0 && !gpus {
		i.note("min_vram_gb is for GPUs, and the template has none: it is left out.")
	}
	if bits := catalog.Bits(i.Environments); i.Bits != 0 && i.Bits != bits {
		i.note("imageEnvironments is %d, but what was found makes it %d: the template has these.", i.Bits, bits)
	}
}

// terms notes which terms are not said, and amounts that look like another unit.
func (i *Import) terms() {
	for _, term := range []struct {
		name string
		said bool
	}{
		{"the least payment", i.MinPayment.Given()},
		{"the least lockup", i.MinAvailableLockup.Given()},
		{"the longest expiry", i.MaxExpiryDuration != 0},
		{"the delivery method", i.DeliveryMethod != nil},
	} {
		if !term.said {
			i.note("%s is not said: a placeholder stands in its place.", term.name)
		}
	}
	for _, amount := range []struct {
		name   string
		amount catalog.Amount
	}{{"the least payment", i.MinPayment}, {"the least lockup", i.MinAvailableLockup}} {
		if wei := amount.amount.Wei(); wei.Sign() > 0 && wei.Cmp(big.NewInt(suspicious)) < 0 {
			i.note("%s is %s wei, which is next to nothing: was it meant in OGPU?", amount.name, wei)
		}
	}
}

// suspicious is an amount of wei below which nobody means wei: 10^-9 OGPU.
const suspicious = 1_000_000_000

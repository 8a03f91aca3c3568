package catalog

import (
	"fmt"
	"github.com/opengpu-network/templates/pkg/plaintext"
	"math/big"
)

// Draft is what is known of a template that nobody has written yet. What is not
// known becomes a placeholder that its file marks with TODO.
type Draft struct {
	// Title and Description are one line each; an empty one is not known.
	Title, Description string
	// Logo is the logo's path in the template's folder; empty is no logo.
	Logo string
	// MinPayment and MinAvailableLockup are not known when they are not given.
	MinPayment, MinAvailableLockup Amount
	// MaxExpiryDuration is in seconds; 0 is not known.
	MaxExpiryDuration int64
	// DeliveryMethod is not known when it is nil.
	DeliveryMethod *DeliveryMethod
	PrivacyEnabled bool
	// VRAM is the memory of the GPU in bytes, 0 when it is not known.
	VRAM Size
	// Images are the handlers' images in compose files that the scaffold writes.
	Images map[Environment]string
	// Unpinned are the images whose digest is not known.
	Unpinned []Unpinned
}

// check refuses what would not be text of one line in a manifest.
func (d *Draft) check() error {
	if d == nil {
		return nil
	}
	texts := []string{d.Title, d.Description, d.Logo}
	for _, image := range d.Images {
		texts = append(texts, image)
	}
	for _, text := range texts {
		if err := plaintext.Error(text, plaintext.Line); err != nil {
			return fmt.Errorf("the text %.60q %w", text, err)
		}
	}
	return nil
}

// image is the image of an environment, empty when it is not known.
func (d *Draft) image(environment string) string {
	if d == nil {
		return ""
	}
	known, _ := ParseEnvironment(environment)
	return d.Images[known]
}

// AmountOfWei is an amount of wei, exactly. The error completes "the amount …".
func AmountOfWei(wei *big.Int) (Amount, error) {
	if wei.Sign() < 0 {
		return Amount{}, fmt.Errorf("is less than nothing")
	}
	if wei.BitLen() > maxAmountBits {
		return Amount{}, fmt.Errorf("is more than the chain can hold")
	}
	amount := Amount{wei: new(big.Int).Set(wei)}
	amount.text = amount.String()
	return amount, nil
}

// LogoFile is the file name that fits a logo's content, logo.svg or logo.png. It is
// empty when the content is neither.
func LogoFile(data []byte) string {
	logo := parseLogo(data)
	if logo == nil || len(checkLogo("", data, logo)) > 0 {
		return ""
	}
	return "logo." + logo.Format
}

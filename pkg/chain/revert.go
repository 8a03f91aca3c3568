package chain

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
)

// codeReverted is how nodes say that a contract refused.
const codeReverted = 3

// reverted is true for a refusal by a contract, not by the node.
func reverted(no *refusal) bool {
	return no.code == codeReverted || strings.HasPrefix(no.text, "execution reverted") || strings.Contains(no.text, "VM Exception while processing transaction: revert")
}

// RevertError is a contract's refusal.
type RevertError struct {
	// Reason is what the contract says: a revert string, or a custom error with
	// its arguments, or the data in hex where it is neither.
	Reason string
	// Advice says what that means and what to do; it is empty where nobody knows.
	Advice string
}

func (e *RevertError) Error() string {
	if e.Advice == "" {
		return fmt.Sprintf("the contract refuses: %s", e.Reason)
	}
	return fmt.Sprintf("the contract refuses (%s): %s", e.Reason, e.Advice)
}

// advice is what the reasons of OpenGPU's contracts mean.
var advice = map[string]string{
	"NotOwner":                   "the account does not own the source, so it cannot change it: sign with the key of the client that published it",
	"NotEligible":                "the account may not do this: ask the network which conditions it must meet",
	"InsufficientBalance":        "the account has too little OGPU in the network's vault: deposit more",
	"InsufficientLockup":         "the account has too little OGPU locked up in the network's vault: lock more",
	"SourceInactive":             "the source was retired, which is for good: a new major version is a new source",
	"OwnableUnauthorizedAccount": "only the owner may do this: sign with the owner's key",
	"OwnableInvalidOwner":        "that account cannot be an owner: give another address",
}

// asRevert turns a contract's refusal into a *RevertError, and leaves all other
// errors as they are.
func asRevert(err error) error {
	var no *refusal
	if !errors.As(err, &no) || !reverted(no) {
		return err
	}
	text, _ := no.data.(string)
	data, _ := hexutil.Decode(text)
	reason := decodeRevert(data)
	if reason == "" {
		reason = strings.TrimPrefix(strings.TrimPrefix(no.text, "execution reverted"), ": ")
	}
	if reason == "" {
		reason = "it gives no reason"
	}
	reason = shorten(reason)
	name, _, _ := strings.Cut(reason, "(")
	return &RevertError{reason, advice[strings.TrimSpace(name)]}
}

// decodeRevert reads what a contract returned as it reverted; it is empty where
// nothing was returned.
func decodeRevert(data []byte) string {
	if len(data) == 0 {
		return ""
	}
	if reason, err := abi.UnpackRevert(data); err == nil {
		return reason
	}
	for _, parsed := range []abi.ABI{nexusABI, sourceABI} {
		for _, known := range parsed.Errors {
			if !bytes.HasPrefix(data, known.ID[:4]) {
				continue
			}
			values, err := known.Inputs.UnpackValues(data[4:])
			if err != nil {
				continue
			}
			var args []string
			for _, value := range values {
				args = append(args, showValue(value))
			}
			return known.Name + "(" + strings.Join(args, ", ") + ")"
		}
	}
	return hexutil.Encode(data)
}

func showValue(value any) string {
	if address, ok := value.(common.Address); ok {
		return address.Hex()
	}
	return fmt.Sprint(value)
}

// shorten keeps a stranger's text within reason, and on one line: what follows on
// the next could pass for a line of this program.
func shorten(text string) string { return within(300, text) }

func within(most int, text string) string {
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(text)
}

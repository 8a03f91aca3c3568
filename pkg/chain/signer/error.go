package signer

import (
	"context"
	"errors"
	"fmt"
)

// Kind says why nothing was signed.
type Kind string

// The kinds.
const (
	// BadKey is a text that is no private key.
	BadKey Kind = "bad-key"
	// BadFile is a file that is no keystore, or cannot be read.
	BadFile Kind = "bad-file"
	// OpenFile is a keystore that others on this machine can read.
	OpenFile Kind = "open-file"
	// TooCostly is a keystore that would take too much memory or time to open.
	TooCostly Kind = "too-costly"
	// WrongPassword is a password that does not open the keystore.
	WrongPassword Kind = "wrong-password"
	// BadAddress is an external signer's address that is not used.
	BadAddress Kind = "bad-address"
	// Unreachable is an external signer that cannot be connected to, or whose
	// connection broke.
	Unreachable Kind = "unreachable"
	// Untrusted is an external signer that cannot prove who it is.
	Untrusted Kind = "untrusted"
	// BadAnswer is an answer that is not one of an external signer.
	BadAnswer Kind = "bad-answer"
	// OtherVersion is an external signer with a protocol that is not spoken here.
	OtherVersion Kind = "other-version"
	// NoAccount is an external signer that does not have, or show, the account.
	NoAccount Kind = "no-account"
	// Denied is a request that the external signer's owner turned down.
	Denied Kind = "denied"
	// Refused is a request that the external signer itself turned down.
	Refused Kind = "refused"
	// TooSlow is an external signer that did not answer in time.
	TooSlow Kind = "too-slow"
	// Interrupted is what the caller ended.
	Interrupted Kind = "interrupted"
	// Changed is a signed transaction that is not the one to be signed.
	Changed Kind = "changed"
	// WrongSignature is a signature that is not the account's.
	WrongSignature Kind = "wrong-signature"
	// BadTransaction is a transaction that no signer is given.
	BadTransaction Kind = "bad-transaction"
)

// remedies say what to do.
var remedies = map[Kind]string{
	BadKey:         "give the 64 hex digits of the account's private key",
	BadFile:        "name a keystore file of version 3, as geth and clef write it",
	OpenFile:       "take the permission away: chmod 600",
	TooCostly:      "write the keystore again with the usual settings of geth",
	WrongPassword:  "check the password, also for white space at its end",
	BadAddress:     "use https, plain http on loopback, or the path of the signer's socket",
	Unreachable:    "check that the signer runs and that its address is right",
	Untrusted:      "check the signer's name and this machine's certificates and clock",
	BadAnswer:      "check that a signer with clef's protocol is at this address",
	OtherVersion:   "use a version of clef that speaks version 6",
	NoAccount:      "add the account to the signer, or show it when the signer asks",
	Denied:         "approve it at the signer, if it is right",
	Refused:        "see what the signer says",
	TooSlow:        "try again, and approve it at the signer in time",
	Interrupted:    "try again",
	Changed:        "do not send it: sign the transaction as it is, or do not trust this signer",
	WrongSignature: "do not trust this signer",
	BadTransaction: "correct the transaction",
}

// Error is why nothing was signed. Nothing in it comes from a key, a password or
// the content of a file.
type Error struct {
	Kind Kind
	// Message says what happened.
	Message string
	// Err is the context's error where that ended the call, else nil.
	Err error
}

func (e *Error) Error() string { return e.Message + ": " + remedies[e.Kind] }

func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of an error of this package, empty for any other.
func KindOf(err error) Kind {
	var known *Error
	if errors.As(err, &known) {
		return known.Kind
	}
	return ""
}

func fail(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// ended is the error of a call whose context is over.
func ended(ctx context.Context, what string) *Error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &Error{Kind: TooSlow, Message: what + " in time", Err: ctx.Err()}
	}
	return &Error{Kind: Interrupted, Message: what + " before the call was ended", Err: ctx.Err()}
}

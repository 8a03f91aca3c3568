package signer

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/Masterminds/semver/v3"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/signer/core/apitypes"
)

// protocol is the major version of clef's external API that is spoken here.
const protocol = 6

// External returns a signer that asks another program: clef, or one that speaks
// its protocol. The address is an https URL, plain http on loopback, or the path
// of a Unix socket. The program is asked for its version and its accounts, which
// its owner may have to approve, as each transaction: ctx says how long that may
// take. Over HTTP, clef itself gives up after 30 seconds; its socket waits. What
// it signs is not trusted, but compared. Errors are of type *Error.
func External(ctx context.Context, address string, account common.Address) (Signer, error) {
	at, err := parseEndpoint(address)
	if err != nil {
		return nil, err
	}
	return newExternal(ctx, at, account)
}

func newExternal(ctx context.Context, at *endpoint, account common.Address) (*external, error) {
	e := &external{at, account}
	if err := e.hello(ctx); err != nil {
		return nil, err
	}
	var accounts []common.Address
	if err := e.at.call(ctx, &accounts, "account_list"); err != nil {
		return nil, err
	}
	if !slices.Contains(accounts, account) {
		return nil, fail(NoAccount, "%s does not show the account %s", at, account)
	}
	return e, nil
}

// external signs at another program.
type external struct {
	at      *endpoint
	account common.Address
}

func (e *external) Address() common.Address { return e.account }
func (e *external) String() string          { return fmt.Sprintf("%s (%s)", e.at, e.account) }
func (e *external) GoString() string        { return e.String() }

// hello checks the version of the signer's protocol.
func (e *external) hello(outer context.Context) error {
	ctx, cancel := context.WithTimeout(outer, e.at.patience)
	defer cancel()
	var text string
	err := e.at.call(ctx, &text, "account_version")
	var known *Error
	if errors.As(err, &known) && known.Kind == TooSlow && outer.Err() == nil {
		// Nobody is asked to approve this.
		return fail(Unreachable, "%s takes connections and does not answer", e.at)
	}
	if err != nil {
		return err
	}
	version, err := semver.StrictNewVersion(text)
	switch {
	case err != nil:
		return fail(BadAnswer, "%s has the version %.40q, which is none", e.at, text)
	case version.Major() < protocol:
		return fail(OtherVersion, "%s speaks version %s of clef's protocol, which is too old", e.at, version)
	case version.Major() > protocol:
		return fail(OtherVersion, "%s speaks version %s of clef's protocol, which is newer than this program", e.at, version)
	}
	return nil
}

func (e *external) Sign(ctx context.Context, tx *types.Transaction, chainID *big.Int) (*types.Transaction, error) {
	rules, err := prepare(ctx, tx, chainID)
	if err != nil {
		return nil, err
	}
	// The answer also holds the transaction as JSON, which says the same again.
	var answer struct {
		Raw hexutil.Bytes `json:"raw"`
	}
	if err := e.at.call(ctx, &answer, "account_signTransaction", e.request(tx, chainID)); err != nil {
		return nil, err
	}
	signed := new(types.Transaction)
	if err := signed.UnmarshalBinary(answer.Raw); err != nil {
		return nil, fail(BadAnswer, "%s did not answer with a signed transaction", e.at)
	}
	if err := verify(rules, tx, signed, e.account, e.at.String()); err != nil {
		return nil, err
	}
	return signed, nil
}

// request writes a transaction in the form that the signer takes.
func (e *external) request(tx *types.Transaction, chainID *big.Int) *apitypes.SendTxArgs {
	data := hexutil.Bytes(tx.Data())
	args := &apitypes.SendTxArgs{
		From:    common.NewMixedcaseAddress(e.account),
		Gas:     hexutil.Uint64(tx.Gas()),
		Value:   hexutil.Big(*tx.Value()),
		Nonce:   hexutil.Uint64(tx.Nonce()),
		Input:   &data,
		ChainID: (*hexutil.Big)(chainID),
	}
	if tx.To() != nil {
		to := common.NewMixedcaseAddress(*tx.To())
		args.To = &to
	}
	if tx.Type() == types.DynamicFeeTxType {
		args.MaxFeePerGas = (*hexutil.Big)(tx.GasFeeCap())
		args.MaxPriorityFeePerGas = (*hexutil.Big)(tx.GasTipCap())
	} else {
		args.GasPrice = (*hexutil.Big)(tx.GasPrice())
	}
	if tx.Type() != types.LegacyTxType {
		list := tx.AccessList()
		if list == nil {
			list = types.AccessList{}
		}
		args.AccessList = &list // its presence tells the type
	}
	return args
}

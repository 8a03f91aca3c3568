package full

import (
	"fmt"

	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/report"
)

func (p *publication) say(format string, args ...any) {
	out := p.world.Out
	if p.quiet {
		out = p.world.Err
	}
	printf(out, "%s\n", report.Inert(report.Escape(fmt.Sprintf(format, args...))))
}

// fact is a line below what was said, with its name in front.
func (p *publication) fact(name, format string, args ...any) {
	p.say("  %-10s %s", name, fmt.Sprintf(format, args...))
}

// field is a line below a fact.
func (p *publication) field(name, format string, args ...any) {
	p.say("    %-20s %s", name, fmt.Sprintf(format, args...))
}

// progress tells of the steps of a transaction.
func (p *publication) progress(step chain.Step) {
	switch step.Kind {
	case chain.Waiting:
		if !p.waits {
			p.waits = true
			p.say("A transaction of the account is not final yet: waiting for it")
		}
	case chain.Sending:
		p.say("Sending transaction %s with nonce %d", step.Transaction, step.Nonce)
	case chain.Confirming:
		if step.Wanted > 1 && step.Confirmations < step.Wanted && p.waitsFor != step.Transaction {
			p.waitsFor = step.Transaction
			p.say("It is in a block: waiting for %d confirmations", step.Wanted)
		}
	case chain.Overtaken:
		p.say("Another transaction of the account came first: looking again")
	case chain.Undone:
		p.say("The chain was reorganised, and the transaction is no longer in a block: waiting for the next")
	}
}

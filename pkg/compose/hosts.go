package compose

import (
	"encoding/binary"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Hosts are the hosts that the texts of a project name, wherever they stand.
// They are read as resolvers and programs read them, not as they are written:
// 0xa9fea9fe is 169.254.169.254, and so is 169-254-169-254.example.com, as name
// servers that answer with the address in the name are free for all.
type Hosts struct {
	// Addresses are by their canonical form: dotted decimal for IPv4, also where
	// IPv6 wraps it, and as RFC 5952 has it for IPv6.
	Addresses map[string][]Mention
	// Names are in lower case and end without a dot. A name of one part is only
	// taken for a host where a URL has one.
	Names map[string][]Mention
}

// Mention is one place that names a host.
type Mention struct {
	// Path leads to the text in the Model.
	Path []any
	// Written is the host as the text has it.
	Written string
}

const (
	// maxMentions is how many places are kept for one host.
	maxMentions = 100
	// maxHost is how long a host may be, in bytes: names are no longer.
	maxHost = 255
)

// Hosts reads the texts of the model, and what stands in for variables that a
// provider may not set.
func (p *Project) Hosts() Hosts {
	h := Hosts{Addresses: map[string][]Mention{}, Names: map[string][]Mention{}}
	h.walk(p.Model, nil)
	for _, v := range p.Variables {
		h.text(v.Default, v.Path)
	}
	return h
}

func (h Hosts) walk(value any, path []any) {
	switch value := value.(type) {
	case string:
		h.text(value, path)
	case map[string]any:
		for _, key := range sortedKeys(value) {
			at := append(slices.Clone(path), key)
			h.text(key, at)
			h.walk(value[key], at)
		}
	case []any:
		for i, item := range value {
			h.walk(item, append(slices.Clone(path), i))
		}
	}
}

var (
	// token is what may be a host, with a port or the rest of an IPv6 address. URL
	// authorities are told by what precedes them.
	token = regexp.MustCompile(`(?://|@)?[0-9A-Za-z:_.-]{3,}`)
	// percent and escape are characters that URLs and programming languages write
	// as numbers.
	percent = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	escape  = regexp.MustCompile(`\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[0-7]{3})`)
	// quotes are dropped by shells in the middle of a word.
	quotes = strings.NewReplacer(`"`, "", `'`, "", "`", "", `\`, "")
)

// text finds the hosts in one text.
func (h Hosts) text(text string, path []any) {
	readings := []string{plain(text)}
	if bare := quotes.Replace(readings[0]); bare != readings[0] {
		readings = append(readings, bare)
	}
	for _, reading := range readings {
		for _, found := range token.FindAllString(reading, -1) {
			word := strings.TrimLeft(found, "/@")
			h.word(strings.ToLower(word), len(word) < len(found), path)
		}
	}
}

// plain is a text with its characters as what reads it takes them.
func plain(text string) string {
	for range 2 { // a URL in a URL
		text = percent.ReplaceAllStringFunc(text, func(s string) string { return character(s[1:], 16) })
	}
	text = escape.ReplaceAllStringFunc(text, func(s string) string {
		if s[1] == 'x' || s[1] == 'u' {
			return character(s[2:], 16)
		}
		return character(s[1:], 8)
	})
	// Full-width digits and their like are digits to a resolver, and so are its dots.
	return strings.ReplaceAll(norm.NFKC.String(text), "。", ".")
}

func character(digits string, base int) string {
	n, err := strconv.ParseUint(digits, base, 16)
	if err != nil {
		return ""
	}
	return string(rune(n))
}

// word reads one token, which a URL may have as its host.
func (h Hosts) word(word string, url bool, path []any) {
	if strings.Count(word, ":") > 1 {
		h.six(strings.TrimRight(word, ".-_"), path)
	}
	for part := range strings.SplitSeq(word, ":") {
		host := strings.Trim(part, ".-_")
		if host == "" || len(host) > maxHost {
			continue
		}
		if address, ok := four(host); ok {
			h.address(address, host, path)
			continue
		}
		for address := range embedded(host) {
			h.address(address, host, path)
		}
		if url || strings.Contains(host, ".") {
			h.Names[host] = mention(h.Names[host], path, host)
		}
		url = false // the port, or what follows it
	}
}

// six reads an IPv6 address, also where a name stands before it or a port after it.
func (h Hosts) six(written string, path []any) {
	const groups = 9 // eight, and an empty one beside `::`
	parts := strings.Split(written, ":")
	for start := 0; start < len(parts); start++ {
		for end := min(start+groups, len(parts)); end > start+2; end-- {
			text := strings.Join(parts[start:end], ":")
			address, err := netip.ParseAddr(text)
			if err != nil {
				continue
			}
			h.address(address, text, path)
			// Without brackets, the last group may be a port.
			if address, err := netip.ParseAddr(strings.Join(parts[start:end-1], ":")); err == nil {
				h.address(address, text, path)
			}
			start = end - 1
			break
		}
	}
}

// address files an address, and the IPv4 address that it wraps.
func (h Hosts) address(address netip.Addr, written string, path []any) {
	for _, address := range append(wrapped(address), address.WithZone("").Unmap()) {
		// 0.0.0.0/8 is no host: every small number reads as one of it.
		if address.Is4() && address.As4()[0] == 0 {
			continue
		}
		h.Addresses[address.String()] = mention(h.Addresses[address.String()], path, written)
	}
}

func mention(known []Mention, path []any, written string) []Mention {
	if len(known) >= maxMentions || slices.ContainsFunc(known, func(m Mention) bool { return slices.Equal(m.Path, path) }) {
		return known
	}
	return append(known, Mention{Path: path, Written: written})
}

// four reads an IPv4 address as inet_aton does: one to four numbers, each
// decimal, octal or hexadecimal, of which the last stands for all bytes that
// are left. A number that is too large for its byte is cut, as some programs do.
func four(host string) (netip.Addr, bool) {
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var whole uint64
	for i, part := range parts {
		n, ok := part64(part)
		if !ok {
			return netip.Addr{}, false
		}
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts))
		}
		if bits > 8 && n >= 1<<bits {
			return netip.Addr{}, false
		}
		whole = whole<<bits | n&(1<<bits-1)
	}
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(whole)))), true
}

func part64(part string) (uint64, bool) {
	base, digits := 10, part
	switch {
	case strings.HasPrefix(part, "0x"):
		base, digits = 16, strings.TrimLeft(part[2:], "0")
		if digits == "" {
			digits = "0"
		}
	case len(part) > 1 && part[0] == '0':
		base, digits = 8, "0"+strings.TrimLeft(part, "0")
	}
	if digits == "" || digits[0] == '+' || digits[0] == '-' || strings.Contains(digits, "_") {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, base, 40)
	return n, err == nil
}

// embedded yields the addresses that stand in a name: four numbers in a row
// with dots or dashes, eight hexadecimal digits, or IPv6 with dashes.
func embedded(host string) func(yield func(netip.Addr) bool) {
	return func(yield func(netip.Addr) bool) {
		labels := strings.Split(host, ".")
		parts := strings.FieldsFunc(host, func(r rune) bool { return r == '.' || r == '-' })
		for i := 0; i+4 <= len(parts); i++ {
			if address, err := netip.ParseAddr(strings.Join(parts[i:i+4], ".")); err == nil && !yield(address) {
				return
			}
		}
		if len(labels) < 2 {
			return
		}
		for _, label := range labels {
			if len(label) == 8 {
				if n, err := strconv.ParseUint(label, 16, 32); err == nil && !yield(netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(n))))) {
					return
				}
			}
			if strings.Count(label, "-") > 1 {
				if address, err := netip.ParseAddr(strings.ReplaceAll(label, "-", ":")); err == nil && !yield(address) {
					return
				}
			}
		}
	}
}

var (
	nat64      = netip.MustParsePrefix("64:ff9b::/96")
	compatible = netip.MustParsePrefix("::/96")
	six2four   = netip.MustParsePrefix("2002::/16")
)

// wrapped is the IPv4 address that an IPv6 address leads to through a gateway.
func wrapped(address netip.Addr) []netip.Addr {
	if address = address.WithZone(""); !address.Is6() {
		return nil
	}
	bytes := address.As16()
	switch {
	case nat64.Contains(address), compatible.Contains(address), bytes[10] == 0x5e && bytes[11] == 0xfe:
		return []netip.Addr{netip.AddrFrom4([4]byte(bytes[12:]))}
	case six2four.Contains(address):
		return []netip.Addr{netip.AddrFrom4([4]byte(bytes[2:6]))}
	}
	return nil
}

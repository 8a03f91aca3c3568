package ipfs

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/ipfs/go-cid"
)

// maxCIDLength is how long the text of a CID may be. The longest that are in
// use, base32 of a sha2-512, have 113 characters.
const maxCIDLength = 200

// ErrNoCID is wrapped by LinkCID's error when a link is not one of an IPFS
// gateway to one file.
var ErrNoCID = errors.New("the link is not https://gateway/ipfs/CID and not https://CID.ipfs.gateway/")

// LinkCID finds the CID of the content that a gateway's link leads to, and the
// gateway's host, with its port if it has one. Known are path gateways,
// https://gateway/ipfs/CID, and subdomain gateways, https://CID.ipfs.gateway/. A
// link to something inside of a folder is refused: its CID is the folder's.
func LinkCID(link *url.URL) (id cid.Cid, gateway string, err error) {
	text := ""
	label, rest, found := strings.Cut(link.Host, ".")
	if host, isSubdomain := strings.CutPrefix(rest, "ipfs."); found && isSubdomain && host != "" {
		if link.EscapedPath() != "" && link.EscapedPath() != "/" {
			return cid.Undef, "", fmt.Errorf("%w: it leads into %s", ErrNoCID, label)
		}
		// Names of hosts know no case, so only CIDs that need none are there.
		text, gateway = strings.ToLower(label), host
	} else {
		path, isPath := strings.CutPrefix(link.EscapedPath(), "/ipfs/")
		text, gateway = strings.TrimSuffix(path, "/"), link.Host
		// A slash is also a digit of base64, which multibase knows.
		if !isPath || gateway == "" || strings.ContainsAny(text, "/%") {
			return cid.Undef, "", ErrNoCID
		}
	}
	if len(text) > maxCIDLength {
		return cid.Undef, "", fmt.Errorf("%w: what stands for the CID has %d characters", ErrNoCID, len(text))
	}
	id, err = cid.Decode(text)
	if err != nil {
		return cid.Undef, "", fmt.Errorf("%w: %q is no CID: %w", ErrNoCID, text, err)
	}
	return id, gateway, nil
}

// Same tells whether two CIDs name the same block read in the same way. The
// version and the base in which a CID is written do not matter: a CIDv0 and the
// CIDv1 of the codec dag-pb with the same hash are the same. A raw CIDv1 of the
// same file is another block, even where a gateway shows the same bytes.
func Same(a, b cid.Cid) bool {
	if !a.Defined() || !b.Defined() {
		return false
	}
	return a.Type() == b.Type() && string(a.Hash()) == string(b.Hash())
}

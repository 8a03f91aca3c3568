package bump

import (
	"fmt"

	"github.com/Masterminds/semver/v3"
)

// Level says which part of a version must rise.
type Level int

// The levels, in rising order.
const (
	None Level = iota
	Patch
	Minor
	Major
)

func (l Level) String() string {
	switch l {
	case None:
		return "none"
	case Patch:
		return "patch"
	case Minor:
		return "minor"
	case Major:
		return "major"
	default:
		return fmt.Sprintf("level(%d)", int(l))
	}
}

// Next is the lowest version that a change of a level may have after base, apart
// from pre-releases.
//
// Before 1.0.0 nothing is promised for long: what would be major raises the second
// number, and all else the third. A pre-release promises nothing beyond what the
// version that it leads to may bring: 2.0.0-rc.1 may become 2.0.0 with any change,
// and 1.2.1-rc.1 becomes 1.2.1 with a patch only.
func Next(base *semver.Version, level Level) *semver.Version {
	if base.Major() == 0 && level > None {
		level = max(level-1, Patch)
	}
	// The level that a pre-release already stands for.
	stands := None
	if base.Prerelease() != "" {
		switch {
		case base.Patch() != 0:
			stands = Patch
		case base.Minor() != 0 || base.Major() == 0:
			stands = Minor
		default:
			stands = Major
		}
	}
	switch {
	case level <= stands && level > None:
		return semver.New(base.Major(), base.Minor(), base.Patch(), "", "")
	case level == Major:
		return semver.New(base.Major()+1, 0, 0, "", "")
	case level == Minor:
		return semver.New(base.Major(), base.Minor()+1, 0, "", "")
	case level == Patch:
		return semver.New(base.Major(), base.Minor(), base.Patch()+1, "", "")
	default:
		return base
	}
}

// Enough is true when version is high enough after base for a change of a level. A
// pre-release counts as the version that it leads to.
func Enough(base, version *semver.Version, level Level) bool {
	if level == None {
		return version.Equal(base) && version.Original() == base.Original() || version.GreaterThan(base)
	}
	core := semver.New(version.Major(), version.Minor(), version.Patch(), "", "")
	return version.GreaterThan(base) && !core.LessThan(Next(base, level))
}

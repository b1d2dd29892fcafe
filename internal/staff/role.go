package staff

import (
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
)

// A Role says what somebody does at the publication.
type Role string

// The roles.
const (
	Owner     Role = "owner"     // everything, and who works here
	Editor    Role = "editor"    // everything that is published
	Author    Role = "author"    // writes
	Marketing Role = "marketing" // newsletters, offers, what they bring in
	Support   Role = "support"   // helps readers
)

// AllRoles are the roles, the widest first.
func AllRoles() []Role { return []Role{Owner, Editor, Author, Marketing, Support} }

// ParseRole returns the role a word names, or an Invalid fault, for the field "role", that lists the words.
func ParseRole(s string) (Role, error) {
	var words []string
	for _, r := range AllRoles() {
		if string(r) == s {
			return r, nil
		}
		words = append(words, string(r))
	}
	return "", fault.Field("role", "Expected one of %s.", strings.Join(words, ", "))
}

// Roles are a set of roles: who may use a page of the newsroom. The zero Roles are nobody.
type Roles uint8

// The sets that pages are for.
const (
	Owners     Roles = 1 << iota
	editor           // alone
	author           // alone
	marketing        // alone
	support          // alone
	Editors    = Owners | editor
	Writers    = Editors | author
	Marketers  = Editors | marketing
	Supporters = Owners | support
	Everyone   = Writers | marketing | support
)

// Of returns the set of one role, nobody for a word that is none.
func Of(r Role) Roles {
	for i, known := range AllRoles() {
		if r == known {
			return 1 << i
		}
	}
	return 0
}

// Have reports whether a role is in the set.
func (s Roles) Have(r Role) bool { return s&Of(r) != 0 }

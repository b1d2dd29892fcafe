package library

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/gatefold/gatefold/internal/fault"
)

// slugLimit is the length a slug is cut to, at the end of a word.
const slugLimit = 80

// givenSlugLimit is the length of the longest slug an editor or an import may give: other systems made longer ones.
const givenSlugLimit = 200

// Slug writes a title as the last part of an address: lower-case ASCII letters and digits joined by hyphens, at most
// 80 characters, cut at the end of a word. It is "" when nothing of the title has a Latin spelling.
func Slug(title string) string {
	var b strings.Builder
	var last rune // the last rune that left a trace
	for _, r := range norm.NFKD.String(strings.ReplaceAll(title, "&", " and ")) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case r < unicode.MaxASCII && isAlphanumeric(byte(r)):
			b.WriteRune(unicode.ToLower(r))
		case unicode.IsLetter(r):
			b.WriteString(latin(r))
		case joins(r) && unicode.IsLetter(last):
		default:
			b.WriteByte(' ')
		}
		last = r
	}
	return shorten(strings.Join(strings.Fields(b.String()), "-"), slugLimit)
}

// joins reports whether a mark stands inside of words without parting them: U.S., don’t.
func joins(r rune) bool { return r == '.' || r == '\'' || r == '’' || r == 'ʼ' }

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// shorten cuts a slug to a length at the end of a word, or inside the word when it is the only one.
func shorten(slug string, limit int) string {
	if len(slug) <= limit {
		return slug
	}
	if i := strings.LastIndexByte(slug[:limit+1], '-'); i > 0 {
		return slug[:i]
	}
	return slug[:limit]
}

// latin spells a letter that has no decomposition into ASCII, "" for scripts that need a dictionary.
func latin(r rune) string {
	i := strings.IndexRune(foreign, unicode.ToLower(r))
	if i < 0 {
		return ""
	}
	s, _, _ := strings.Cut(foreign[i:], " ")
	return strings.TrimLeftFunc(s, func(c rune) bool { return c > unicode.MaxASCII })
}

// foreign lists letters, each followed by its spelling. Cyrillic is spelled as in passports (ICAO 9303), Greek as in
// ISO 843 without accents.
const foreign = "ßss æae œoe øo ðd þth łl đd ħh ıi ŋng ŧt ĸk əe ƒf " +
	"аa бb вv гg дd еe жzh зz иi йi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ье эe юiu яia " +
	"єie іi їi ґg ўu џdz ђd јj љlj њnj ћc " +
	"αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo "

// checkSlug refuses a slug that is not in the form Slug gives, but for its length.
func checkSlug(slug string) error {
	if len(slug) > givenSlugLimit {
		return fault.Field("slug", "expected at most %d characters, got %d", givenSlugLimit, len(slug))
	}
	for i := range len(slug) {
		c := slug[i]
		hyphen := c == '-' && i > 0 && i < len(slug)-1 && slug[i-1] != '-'
		if !hyphen && (!isAlphanumeric(c) || 'A' <= c && c <= 'Z') {
			return fault.Field("slug", "expected lower-case letters and digits joined by single hyphens, got %q", slug)
		}
	}
	return nil
}

// slugChoices yields the slugs to try for a new article: the given one alone or, made from the title, the plain one
// and then others. These end in a hash of what tells the article from its namesakes, so that they do not depend on the
// order in which articles arrive.
func slugChoices(d *Draft) iter.Seq[string] {
	if d.Slug != "" {
		return func(yield func(string) bool) { yield(d.Slug) }
	}
	base := Slug(d.Title)
	if base == "" {
		base = d.Kind
	}
	identity := d.Source
	if identity == "" {
		identity = d.Title + "\x00" + d.Published.UTC().String() + "\x00" + d.source()
	}
	sum := sha256.Sum256([]byte(identity))
	hash := hex.EncodeToString(sum[:])
	return func(yield func(string) bool) {
		if !yield(base) {
			return
		}
		for n := 4; n <= len(hash); n *= 2 {
			if !yield(shorten(base, slugLimit-n-1) + "-" + hash[:n]) {
				return
			}
		}
		for n := 2; n < 1000; n++ { // our own that are alike to the letter
			if !yield(fmt.Sprintf("%s-%s-%d", shorten(base, slugLimit-9), hash[:4], n)) {
				return
			}
		}
	}
}

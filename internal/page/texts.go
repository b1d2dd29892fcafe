package page

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"github.com/gatefold/gatefold/internal/fault"
)

// Texts is the catalogue of everything the publication says in one language: one TOML file of dotted keys. A text
// may hold {0}, {1}, … for its arguments. A text with plural forms has the keys key.one and key.other.
type Texts struct {
	Language string
	byKey    map[string]string
}

// LoadTexts reads the catalogue of a language: texts/LANG.toml of each layer, later layers over earlier ones. What a
// language has no text for falls back to its base language ("en-GB" to "en"), then to English.
func LoadTexts(language string, layers ...fs.FS) (*Texts, error) {
	t := &Texts{Language: language, byKey: map[string]string{}}
	base, _, _ := strings.Cut(language, "-")
	names := slices.Compact([]string{"en", base, language})
	for _, name := range names {
		for _, layer := range layers {
			if err := t.read(layer, "texts/"+name+".toml"); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

func (t *Texts) read(layer fs.FS, name string) error {
	b, err := fs.ReadFile(layer, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // a layer need not have the file
	case err != nil:
		return err
	}
	var tree map[string]any
	err = toml.Unmarshal(b, &tree)
	if fault := (*toml.DecodeError)(nil); errors.As(err, &fault) {
		line, _ := fault.Position()
		return fmt.Errorf("%s:%d: %w", name, line, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return t.add(name, "", tree)
}

func (t *Texts) add(file, prefix string, tree map[string]any) error {
	for k, v := range tree {
		switch v := v.(type) {
		case string:
			t.byKey[prefix+k] = v
		case map[string]any:
			if err := t.add(file, prefix+k+".", v); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s: %s%s: expected a text", file, prefix, k)
		}
	}
	return nil
}

// Has reports whether there is a text for a key, or a plural of it.
func (t *Texts) Has(key string) bool {
	_, plain := t.byKey[key]
	_, other := t.byKey[key+".other"]
	return plain || other
}

// T returns the text of a key with its arguments filled in. When the text has plural forms the first argument, an
// int, chooses. Ints up to ten are written in words where the text says {0:word}. A missing key shows itself.
func (t *Texts) T(key string, args ...any) string {
	text, ok := t.byKey[key]
	if !ok && len(args) > 0 {
		form := ".other"
		if n, isInt := args[0].(int); isInt && n == 1 {
			form = ".one"
		}
		text, ok = t.byKey[key+form]
	}
	if !ok {
		return key
	}
	return t.fill(text, args)
}

// Fault returns what a person may read of an error, in the publication's words: the text that the catalogue has under
// said."…", whose name is the English sentence before its values were filled in; else the English sentence. It is "" for
// an error that is nobody's to read.
func (t *Texts) Fault(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return ""
	}
	if text, ok := t.byKey["said."+f.Said]; ok && f.Said != "" {
		return t.fill(text, f.Values)
	}
	return f.Text
}

// fill sets arguments into a text.
func (t *Texts) fill(text string, args []any) string {
	if !strings.Contains(text, "{") {
		return text
	}
	pairs := make([]string, 0, len(args)*4)
	for i, a := range args {
		n := strconv.Itoa(i)
		word := t.word(a)
		pairs = append(pairs, "{"+n+"}", fmt.Sprint(a), "{"+n+":word}", word, "{"+n+":Word}", capital(word))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (t *Texts) word(a any) string {
	if n, ok := a.(int); ok && n >= 0 && n <= 10 {
		if w, ok := t.byKey["number."+strconv.Itoa(n)]; ok {
			return w
		}
	}
	return fmt.Sprint(a)
}

// capital writes the first letter large: {0:Word} begins a sentence.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// Day writes a date as the publication does: "2 November 2026". Weekday adds the day of the week.
func (t *Texts) Day(at time.Time) string {
	return t.T("date.day", at.Day(), t.Month(int(at.Month())), at.Year())
}

// Weekday writes a date with its day of the week: "Monday, 2 November 2026".
func (t *Texts) Weekday(at time.Time) string {
	return t.T("date.weekday", t.T("weekday."+strconv.Itoa(int(at.Weekday()))), t.Day(at))
}

// Month writes the name of a month, 1 to 12.
func (t *Texts) Month(n int) string { return t.T("month." + strconv.Itoa(n)) }

package config

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed config.go
var source string

// comments are the comments of config.go by type ("Wall") and by field
// ("Wall.FreeArticles"), as paragraphs of one line each.
var comments = sync.OnceValue(func() map[string]string {
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", source, parser.ParseComments)
	if err != nil {
		panic("config: its own source: " + err.Error())
	}
	found := make(map[string]string)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		body, ok := spec.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, f := range body.Fields.List {
			found[spec.Name.Name+"."+f.Names[0].Name] = paragraphs(f.Doc.Text())
		}
		return false
	})
	return found
})

func paragraphs(comment string) string {
	var all []string
	for p := range strings.SplitSeq(strings.TrimSpace(comment), "\n\n") {
		all = append(all, strings.Join(strings.Fields(p), " "))
	}
	return strings.Join(all, "\n\n")
}

// Example returns a TOML file that documents every setting, each commented
// out at its default: loaded as it is, it changes nothing.
func Example() string {
	var b strings.Builder
	b.WriteString("# Configuration of Gatefold. Every setting stands here at its default,\n" +
		"# commented out: remove the # before it to change it.\n" +
		"# The reference is docs/configuration.md.\n")
	defaults := reflect.ValueOf(Default())
	for _, s := range sections {
		b.WriteString("\n" + commented(comments()["Config."+s.name]) + "[" + s.key + "]\n")
		for _, f := range s.fields {
			b.WriteString("\n" + commented(comments()[s.name+"."+f.name]) + commented("Takes "+f.expected()+"."))
			if f.kind == rules {
				b.WriteString(exampleOf[f.key])
				continue
			}
			_, key, _ := strings.Cut(f.key, ".")
			b.WriteString("#" + key + " = " + writeTOML(defaults.FieldByIndex(f.index).Interface()) + "\n")
		}
	}
	return b.String()
}

// exampleOf holds the tables of a field. They must come last in their section
// to be uncommented where they stand, so they are marked as the only lines
// that are not a default.
var exampleOf = map[string]string{"wall.rules": `# Not a default, an example; put it after the other settings of this section:
#   [[wall.rules]]
#   section = "in-depth"
#   older_than_days = 90
#   level = "subscriber"
`, "till.plans": `# As by default, monthly and yearly; put plans after the other settings of
# this section:
#   [[till.plans]]
#   slug = "month"
#   name = "By the month"
#   every = "month"
#   prices = ["EUR 9", "USD 10", "GBP 8"]
#   [[till.plans]]
#   slug = "year"
#   name = "By the year"
#   every = "year"
#   prices = ["EUR 90", "USD 100", "GBP 80"]
`, "till.coupons": `# Not a default, an example:
#   [[till.coupons]]
#   code = "spring"
#   percent_off = 50
#   periods = 3
`}

// commented wraps a text at 78 columns behind "# ".
func commented(text string) string {
	var b strings.Builder
	for p := range strings.SplitSeq(text, "\n\n") {
		line := "#"
		for word := range strings.FieldsSeq(p) {
			if len(line)+1+len(word) > 78 {
				b.WriteString(line + "\n")
				line = "#"
			}
			line += " " + word
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// writeTOML writes a value of a field as TOML. Texts hold no control
// characters, so Go's quoting is TOML's.
func writeTOML(v any) string {
	switch v := v.(type) {
	case Secret:
		return strconv.Quote(v.String())
	case string:
		return strconv.Quote(v)
	case time.Duration:
		return strconv.Quote(writeDuration(v))
	case Size:
		return strconv.Quote(v.String())
	case []string:
		if len(v) == 0 {
			return "[]"
		}
		var b strings.Builder
		for _, s := range v {
			b.WriteString("\n#  " + strconv.Quote(s) + ",")
		}
		return "[" + b.String() + "\n#]"
	}
	return fmt.Sprint(v)
}

// writeDuration leaves out the zeros of "2m0s".
func writeDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

const referenceHead = `# Configuration

Gatefold reads its settings from three places, the later ones winning: a TOML file
(` + "`gatefold serve --config gatefold.toml`" + `), the environment, and options of the command line. All have
defaults; a publication that sets nothing runs. [gatefold.example.toml](gatefold.example.toml) holds
every setting, ready to copy.

- **Environment**: the variable of ` + "`wall.free_articles`" + ` is ` + "`GATEFOLD_WALL_FREE_ARTICLES`" + `. A list is written
  with commas between its parts; a comma within a part is written ` + "`\\,`" + `. Tables (rules, plans, coupons) are
  set in the file only. Names that begin with ` + "`GATEFOLD_TEST_`" + ` belong to the project's own tests and are not read.
- **Durations** are written as ` + "`30s`, `5m` or `1h30m`" + `, **sizes** as ` + "`512KB`, `1MB` or `1MiB`" + `.
- **Errors**: a key that does not exist or a value that does not fit is refused at start, all of them at
  once, with the line and what was expected:
  ` + "`gatefold.toml:14: wall.free_articles: expected a whole number from 0 to 100, got \"three\"`" + `.
- **Secrets**: ` + "`database.url` and `mail.smtp_url`" + ` may hold passwords; no error and no log shows them.

This page and the example are generated from the declarations in ` + "`internal/config/config.go`" + `.
`

// Reference returns the documentation of every setting in Markdown.
func Reference() string {
	var b strings.Builder
	b.WriteString(referenceHead)
	defaults := reflect.ValueOf(Default())
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## [%s]\n\n%s\n", s.key, comments()["Config."+s.name])
		for _, f := range s.fields {
			fmt.Fprintf(&b, "\n### %s\n\n%s\n\n- Takes %s.\n", f.key, comments()[s.name+"."+f.name], f.expected())
			if f.kind == rules {
				b.WriteString(referenceTables(f, defaults.FieldByIndex(f.index).Len()))
				continue
			}
			writeDefault(&b, defaults.FieldByIndex(f.index).Interface())
			fmt.Fprintf(&b, "- Variable: `%s`\n", f.env())
		}
	}
	return b.String()
}

func writeDefault(b *strings.Builder, v any) {
	lines, isList := v.([]string)
	if !isList || len(lines) == 0 {
		fmt.Fprintf(b, "- Default: `%s`\n", writeTOML(v))
		return
	}
	b.WriteString("- Default:\n")
	for _, line := range lines {
		fmt.Fprintf(b, "  - %s\n", line)
	}
}

func referenceTables(f field, defaults int) string {
	var b strings.Builder
	what := "none"
	if defaults > 0 {
		what = "as in the example file"
	}
	fmt.Fprintf(&b, "- Default: %s\n\n| key of a table | meaning | takes |\n|---|---|---|\n", what)
	for _, part := range f.element {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", part.key, comments()[f.table+"."+part.name], part.expected())
	}
	return b.String()
}

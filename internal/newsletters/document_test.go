package newsletters

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
)

const written = `---
subject: The strait reopens
preheader: Insurers were told first
---

## Our take {take}

The first ship **sailed** at noon.

` + "```" + `
## No heading {take}
` + "```" + `

## Latest from us {latest}

- /articles/the-underwriters-of-the-strait
- /articles/who-enforces-a-sanction | Two courts, one cargo

## {roundup}

- [The port opens](https://example.org/port) Tankers wait in line.
`

var read = Document{Subject: "The strait reopens", Preheader: "Insurers were told first", Blocks: []Block{
	{Kind: Take, Heading: "Our take", Text: "The first ship **sailed** at noon.\n\n```\n## No heading {take}\n```"},
	{Kind: Latest, Heading: "Latest from us", Items: []Item{{Slug: "the-underwriters-of-the-strait"},
		{Slug: "who-enforces-a-sanction", Line: "Two courts, one cargo"}}},
	{Kind: Roundup, Text: "- [The port opens](https://example.org/port) Tankers wait in line."},
}}

func TestDocument(t *testing.T) {
	d, err := Parse(written)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(d, read) {
		t.Errorf("read\n%+v\nwant\n%+v", d, read)
	}
	if d.String() != written {
		t.Errorf("written\n%s\nwant\n%s", d, written)
	}
	if again, err := Parse(strings.ReplaceAll(written, "\n", "\r\n")); err != nil || !reflect.DeepEqual(again, read) {
		t.Errorf("with other line ends: %+v, %v", again, err)
	}
}

func TestDocumentSaysWhatIsWrong(t *testing.T) {
	const head = "---\nsubject: x\n---\n"
	for source, hint := range map[string]string{
		"":                                          `line 2: expected "---"`,
		"Hello":                                     `line 1: expected "---"`,
		"---\nsubject: x":                           `expected "---" after the head`,
		"---\nfrom: someone\n---\n":                 `line 2: expected "subject`,
		head + "\nHello":                            "line 5: expected a block",
		head + "## Take {opinion}":                  "line 4: expected {take}",
		head + "## {latest}\nHello":                 `line 5: expected "- /articles/SLUG"`,
		head + "## {latest}\n- /articles/":          `line 5: expected "- /articles/SLUG"`,
		head + "## {latest}\n- /sections/x":         `line 5: expected "- /articles/SLUG"`,
		"---\nsubject: \x00\n---\n":                 "UTF-8",
		"---\nsubject: " + strings.Repeat("x", 600): "500 bytes",
		head + strings.Repeat("## {text}\n", 51):    "50 blocks",
	} {
		if _, err := Parse(source); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), hint) {
			t.Errorf("%q: %v, want Invalid with %q", shorten(source, 50), err, hint)
		}
	}
}

func TestDocumentTakesAddressesOfArticles(t *testing.T) {
	d, err := Parse("---\nsubject: x\n---\n## {latest}\n* https://journal.example/articles/one?x=1 | A\tline\n-   /articles/two#here\n")
	want := []Item{{"one", "A line"}, {"two", ""}}
	if err != nil || !reflect.DeepEqual(d.Blocks[0].Items, want) {
		t.Errorf("%+v, %v", d.Blocks, err)
	}
}

func TestDocumentCheck(t *testing.T) {
	for _, c := range []struct {
		d    Document
		want string
	}{
		{Document{Blocks: read.Blocks}, "no subject"},
		{Document{Subject: "x", Blocks: []Block{{Kind: Take, Heading: "Our take"}}}, "Nothing stands"},
		{read, ""},
	} {
		if err := c.d.check(); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.d, err, c.want)
		}
	}
}

func TestWebAddress(t *testing.T) {
	for address, want := range map[string]bool{"https://example.org/a?b=c#d": true, "http://example.org": true, "javascript:alert(1)": false,
		"//example.org": false, "/articles/x": false, "https://": false, "https://a b": false, "https://user:x@example.org": false,
		"https://example.org/\n": false, "mailto:a@b": false, `https://example.org/"`: false} {
		if webAddress(address) != want {
			t.Errorf("%q: %v", address, !want)
		}
	}
}

// Whatever is typed is a document or refused, and what was read is written so that it reads the same.
func FuzzDocument(f *testing.F) {
	f.Add(written)
	f.Add("---\nsubject: a\n---\n## x {text}\n\n~~~\n## {take}\n")
	f.Fuzz(func(t *testing.T, source string) {
		d, err := Parse(source)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("%v is not Invalid", err)
			}
			return
		}
		again, err := Parse(d.String())
		if err != nil {
			t.Fatalf("%q reads back: %v", d, err)
		}
		if !reflect.DeepEqual(d, again) {
			t.Fatalf("read\n%+v\nand again\n%+v", d, again)
		}
		if strings.ContainsAny(d.Subject+d.Preheader, "\r\n") {
			t.Fatal("a line break in the head")
		}
	})
}

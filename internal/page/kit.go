package page

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/jba/templatecheck"
)

// A Kit is what the screens of a surface are made with: its files, the theme's over them, the texts and the assets.
type Kit struct {
	Texts  *Texts
	Assets *Assets
	layers []fs.FS
	funcs  template.FuncMap
	shared []string
}

// KitOptions say where a Kit's files are.
type KitOptions struct {
	Under    []fs.FS           // what the surface is built on: its styles and texts come first, its templates and scripts are left out
	Files    fs.FS             // the surface's own: *.html, look/*.css, script/*.js, texts/*.toml
	Theme    string            // a folder whose files stand in for those of the same name; "" is none
	Language string            // of the texts
	Assets   string            // the path that assets are served under; "" is "/assets/"
	Prefix   string            // CSS put before the stylesheet
	Joined   map[string]string // more assets, each joined of the files that match a pattern: "ad.css": "advertising/*.css"
	Shared   []string          // template files that every screen may use, the layout first
	Funcs    template.FuncMap
}

// NewKit reads texts and assets. Templates are read and checked by NewScreen.
func NewKit(o KitOptions) (*Kit, error) {
	k := &Kit{layers: []fs.FS{o.Files}, shared: o.Shared, Assets: NewAssets(cmp.Or(o.Assets, "/assets/"))}
	if o.Theme != "" {
		if info, err := os.Stat(o.Theme); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("theme: %s is not a folder", o.Theme)
		}
		theme := os.DirFS(o.Theme)
		if err := standIn(theme, o.Files); err != nil {
			return nil, err
		}
		k.layers = append(k.layers, theme)
	}
	var err error
	all := slices.Concat(o.Under, k.layers)
	if k.Texts, err = LoadTexts(o.Language, all...); err != nil {
		return nil, err
	}
	if err := k.Assets.AddJoined("site.css", o.Prefix, "look/*.css", all...); err != nil {
		return nil, err
	}
	if err := k.Assets.AddJoined("site.js", "", "script/*.js", k.layers...); err != nil {
		return nil, err
	}
	for name, pattern := range o.Joined {
		if err := k.Assets.AddJoined(name, "", pattern, k.layers...); err != nil {
			return nil, err
		}
	}
	k.funcs = template.FuncMap{
		"t":     k.Texts.T,
		"asset": k.Assets.Path,
		"hole":  func(name string) template.HTML { return template.HTML(Hole(name)) },
		"day":   k.Texts.Day,
	}
	for name, f := range o.Funcs {
		k.funcs[name] = f
	}
	return k, nil
}

// standIn refuses a template of a theme that has no namesake built in: nothing would ever use it.
func standIn(theme, builtIn fs.FS) error {
	names, err := fs.Glob(theme, "*.html")
	for _, name := range names {
		if _, err := fs.Stat(builtIn, name); err != nil {
			return fmt.Errorf("theme:%s: no template has this name", name)
		}
	}
	return err
}

// read returns a file of the last layer that has it, and what errors call it. A file that is there and cannot be read is
// not passed over.
func (k *Kit) read(name string) (text []byte, where string, err error) {
	for i, layer := range slices.Backward(k.layers) {
		if where = name; i > 0 {
			where = "theme:" + name
		}
		if text, err = fs.ReadFile(layer, name); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return text, where, err
}

// A Screen is a template that was checked against the struct it is filled with.
type Screen[T any] struct{ t *template.Template }

// NewScreen parses a template file together with the shared ones and checks it against T. The error names file and
// line.
func NewScreen[T any](k *Kit, name string) (*Screen[T], error) { return NewPart[T](k, name, "layout") }

// NewPart is NewScreen for a template that stands for itself, without the layout: what fills a hole, or is no page.
func NewPart[T any](k *Kit, name, define string) (*Screen[T], error) {
	root := template.New("screen: " + name).Funcs(k.funcs) // not the name of a file: a file of that name would take its place
	for _, f := range append(append([]string{}, k.shared...), name) {
		text, where, err := k.read(f)
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", where, err)
		}
		if err := k.checkNames(where, text); err != nil {
			return nil, err
		}
		file, err := root.New(where).Parse(string(text))
		if err != nil {
			return nil, err
		}
		if err := nothingOutside(file); err != nil {
			return nil, err
		}
	}
	t := root.Lookup(define)
	if t == nil {
		return nil, fmt.Errorf("template %s: no template is named %q", name, define)
	}
	var zero T
	if err := templatecheck.CheckHTML(t, zero); err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	return &Screen[T]{t}, nil
}

// nothingOutside refuses what stands in a file outside of every definition: no page would show it, and nobody checks it.
func nothingOutside(file *template.Template) error {
	if file.Tree == nil {
		return nil
	}
	for _, n := range file.Tree.Root.Nodes {
		if text, plain := n.(*parse.TextNode); plain && len(bytes.TrimSpace(text.Text)) == 0 {
			continue
		}
		where, what := file.Tree.ErrorContext(n)
		return fmt.Errorf("template: %s: %.40q stands outside of every {{define}}, and would be shown nowhere", where, strings.TrimSpace(what))
	}
	return nil
}

var nameCall = regexp.MustCompile(`\b(t|asset) "([^"]+)"`)

// checkNames finds the texts and assets a template asks for that there are not.
func (k *Kit) checkNames(where string, text []byte) error {
	for _, m := range nameCall.FindAllSubmatchIndex(text, -1) {
		line, name := 1+bytes.Count(text[:m[0]], []byte("\n")), string(text[m[4]:m[5]])
		if text[m[2]] == 't' && !k.Texts.Has(name) {
			return fmt.Errorf("%s:%d: no text has the key %q", where, line, name)
		}
		if _, err := k.Assets.Path(name); text[m[2]] == 'a' && err != nil {
			return fmt.Errorf("%s:%d: %w", where, line, err)
		}
	}
	return nil
}

// Render fills the template.
func (s *Screen[T]) Render(v T) ([]byte, error) {
	var b bytes.Buffer
	if err := s.t.Execute(&b, v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

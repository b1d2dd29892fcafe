package config

import (
	"bytes"
	"fmt"

	"github.com/pelletier/go-toml/v2/unstable"
)

// lines finds the line of every key of a TOML document that has already
// been parsed without error: "wall", "wall.free_articles", "wall.rules[0].level".
func lines(data []byte) map[string]int {
	f := lineFinder{at: make(map[string]int), arrays: make(map[string]int)}
	f.parser.Reset(data)
	table := ""
	for f.parser.NextExpression() {
		switch e := f.parser.Expression(); e.Kind {
		case unstable.Table:
			table = f.walk("", e.Key())
		case unstable.ArrayTable:
			// walk must not see the array that this header makes longer.
			table = f.element(e)
		case unstable.KeyValue:
			f.keyValue(table, e)
		}
	}
	return f.at
}

type lineFinder struct {
	parser unstable.Parser
	at     map[string]int
	arrays map[string]int // how many elements an array of tables has so far
}

func (f *lineFinder) note(path string, key *unstable.Node) {
	if _, ok := f.at[path]; !ok {
		f.at[path] = f.line(key)
	}
}

func (f *lineFinder) line(node *unstable.Node) int {
	return 1 + bytes.Count(f.parser.Data()[:node.Raw.Offset], []byte("\n"))
}

// walk follows the parts of a key; a part that is an array of tables means
// its last element so far (TOML 1.0, "Array of Tables").
func (f *lineFinder) walk(path string, key unstable.Iterator) string {
	for key.Next() {
		node := key.Node()
		path = join(path, string(node.Data))
		f.note(path, node)
		if n := f.arrays[path]; n > 0 && !key.IsLast() {
			path = fmt.Sprintf("%s[%d]", path, n-1)
		}
	}
	return path
}

func (f *lineFinder) element(e *unstable.Node) string {
	path := f.walk("", e.Key())
	element := fmt.Sprintf("%s[%d]", path, f.arrays[path])
	f.arrays[path]++
	key := e.Key()
	key.Next()
	f.note(element, key.Node())
	return element
}

func (f *lineFinder) keyValue(table string, e *unstable.Node) {
	f.value(f.walk(table, e.Key()), e.Value())
}

func (f *lineFinder) value(path string, v *unstable.Node) {
	switch v.Kind {
	case unstable.InlineTable:
		for it := v.Children(); it.Next(); {
			f.keyValue(path, it.Node())
		}
	case unstable.Array:
		i := 0
		for it := v.Children(); it.Next(); i++ {
			element := fmt.Sprintf("%s[%d]", path, i)
			f.at[element] = f.at[path]
			if it.Node().Raw.Length > 0 {
				f.at[element] = f.line(it.Node())
			}
			f.value(element, it.Node())
		}
	}
}

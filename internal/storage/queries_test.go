package storage_test

import (
	"database/sql"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// Every statement of the program is one constant text that both databases understand: each is prepared on both, so
// that a table, a column or a construct that one of them lacks is found without a test that runs it. The storage
// package itself speaks the dialects and is left out.
func TestEveryStatementPreparesOnBothDatabases(t *testing.T) {
	all := statements(t, "..")
	if len(all) < 60 {
		t.Fatalf("%d statements found: the test looks in the wrong place", len(all))
	}
	for name, c := range map[string]struct {
		driver string
		url    func(testing.TB) string
	}{"SQLite": {"sqlite", storagetest.SQLite}, "PostgreSQL": {"pgx", storagetest.Postgres}} {
		t.Run(name, func(t *testing.T) {
			url := c.url(t)
			storagetest.Open(t, url) // brings it to its schema
			db, err := sql.Open(c.driver, url)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			for _, text := range slices.Sorted(maps.Keys(all)) {
				if err := prepares(t, db, text); err != nil {
					t.Errorf("%s: %v\n%s", all[text], err, text)
				}
			}
			for _, broken := range []string{`SELECT nothing FROM changes`, `SELECT 1 FROM nowhere`, `SELEC 1`} {
				if prepares(t, db, broken) == nil {
					t.Errorf("%s was prepared", broken)
				}
			}
		})
	}
}

func prepares(t *testing.T, db *sql.DB, text string) error {
	st, err := db.PrepareContext(t.Context(), text)
	if err != nil {
		return err
	}
	return st.Close()
}

// statements returns every SQL text under a folder, and where it stands. A text that is put together at run time
// fails the test.
func statements(t *testing.T, root string) map[string]string {
	t.Helper()
	byFolder := map[string][]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "storage" || d.Name() == "testdata"):
			return filepath.SkipDir
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			byFolder[filepath.Dir(name)] = append(byFolder[filepath.Dir(name)], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, names := range byFolder {
		p := &sqlFinder{set: token.NewFileSet(), consts: map[string]ast.Expr{}, found: found}
		for _, name := range names {
			f, err := parser.ParseFile(p.set, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			p.files = append(p.files, f)
		}
		p.run()
		for _, fault := range p.faults {
			t.Error(fault)
		}
	}
	return found
}

// sqlFinder looks for the statements of one package.
type sqlFinder struct {
	set    *token.FileSet
	files  []*ast.File
	consts map[string]ast.Expr // by name; a package that gives two constants one name is not told apart
	found  map[string]string   // statement → where
	faults []string
}

func (p *sqlFinder) run() {
	for _, f := range p.files {
		ast.Inspect(f, p.learn)
	}
	for _, f := range p.files {
		ast.Inspect(f, p.look)
	}
}

// learn notes the constants.
func (p *sqlFinder) learn(n ast.Node) bool {
	if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.CONST {
		for _, s := range d.Specs {
			for i, v := range s.(*ast.ValueSpec).Values {
				p.consts[s.(*ast.ValueSpec).Names[i].Name] = v
			}
		}
	}
	return true
}

var sqlStart = regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)

// look notes each constant that reads as SQL, wherever it stands, and each constant that is given to a statement's
// method. What such a method is given else must be a variable, which holds one of the constants.
func (p *sqlFinder) look(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		p.call(n)
	case *ast.BinaryExpr:
		if text, constant := p.value(n); constant && sqlStart.MatchString(text) {
			p.note(n, text)
			return false
		} else if left, _ := p.value(n.X); !constant && sqlStart.MatchString(left) {
			p.fault(n, "is put together at run time")
			return false
		}
	case *ast.BasicLit:
		if text, _ := p.value(n); sqlStart.MatchString(text) {
			p.note(n, text)
		}
	}
	return true
}

// methods are those of storage.DB that take a statement as their second argument.
var methods = map[string]bool{"Query": true, "QueryRow": true, "Exec": true}

func (p *sqlFinder) call(n *ast.CallExpr) {
	if f, ok := n.Fun.(*ast.SelectorExpr); !ok || !methods[f.Sel.Name] || len(n.Args) < 2 {
		return
	}
	if text, constant := p.value(n.Args[1]); constant {
		p.note(n.Args[1], text)
		return
	}
	switch n.Args[1].(type) {
	case *ast.Ident, *ast.SelectorExpr:
	default:
		p.fault(n.Args[1], "is no constant")
	}
}

func (p *sqlFinder) note(n ast.Node, text string) { p.found[text] = p.set.Position(n.Pos()).String() }

func (p *sqlFinder) fault(n ast.Node, what string) {
	p.faults = append(p.faults, fmt.Sprintf("%s: the statement %s", p.set.Position(n.Pos()), what))
}

// value returns the text of a constant expression.
func (p *sqlFinder) value(e ast.Expr) (text string, constant bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.ParenExpr:
		return p.value(e.X)
	case *ast.Ident:
		if c, ok := p.consts[e.Name]; ok {
			return p.value(c)
		}
	case *ast.BinaryExpr:
		x, left := p.value(e.X)
		y, right := p.value(e.Y)
		return x + y, left && right && e.Op == token.ADD
	}
	return "", false
}

func TestStatementsAreFound(t *testing.T) {
	const source = `package x
const columns = "a, b"
const all = "SELECT " + columns + " FROM t"
func f(ctx C, id string) {
	db.Query(ctx, "SELECT 1")
	db.QueryRow(ctx, ("SELECT " + columns + " FROM u"), id)
	tx.Exec(ctx, all)
	for _, q := range []q{{"DELETE FROM t WHERE a = $1"}} {
		tx.Exec(ctx, q.text)
	}
	u.Query().Get("token")
	tx.Exec(ctx, "SELECT 2 FROM " + id)
	tx.Exec(ctx, fmt.Sprint("UPDATE t SET a = 1 WHERE ", id))
	print("Nothing to SELECT here")
}`
	p := &sqlFinder{set: token.NewFileSet(), consts: map[string]ast.Expr{}, found: map[string]string{}}
	f, err := parser.ParseFile(p.set, "x.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	p.files = []*ast.File{f}
	p.run()
	want := []string{"DELETE FROM t WHERE a = $1", "SELECT 1", "SELECT a, b FROM t", "SELECT a, b FROM u", "UPDATE t SET a = 1 WHERE "}
	if have := slices.Sorted(maps.Keys(p.found)); !slices.Equal(have, want) {
		t.Errorf("found %q\nwant %q", have, want)
	}
	faults := strings.Join(p.faults, "\n")
	for _, line := range []string{"x.go:12:", "x.go:13:"} {
		if !strings.Contains(faults, line) {
			t.Errorf("%s: put together at run time and not found\n%s", line, faults)
		}
	}
	if strings.Count(faults, "x.go:") > 3 {
		t.Errorf("faults that are none:\n%s", faults)
	}
}

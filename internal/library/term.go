package library

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// A TermKind is a way of filing articles.
type TermKind string

// The kinds of term.
const (
	Section TermKind = "section"
	Topic   TermKind = "topic"
	Country TermKind = "country"
	Region  TermKind = "region"
	Series  TermKind = "series"
	Byline  TermKind = "contributor"
)

// A Term is something articles are filed under. Names that have the same Slug are one term.
type Term struct {
	ID          int64
	Kind        TermKind
	Slug        string
	Name        string
	Description string
	Parent      int64 // the region of a country; 0 for none
}

// A Contributor is a byline. Line says in a sentence who they are.
type Contributor struct {
	Term
	Line      string
	Biography string
	Portrait  *Image // nil when there is none
}

// A TermCount is a term and how many articles readers find under it.
type TermCount struct {
	Term
	Articles int
}

// termSlug is the slug of a term by its name; names without a Latin spelling get a hash.
func termSlug(name string) string {
	if s := Slug(name); s != "" {
		return s
	}
	sum := sha256.Sum256([]byte(name))
	return "x" + hex.EncodeToString(sum[:4])
}

// Term returns a term that readers may know of: one with an article they can see, a description or an introduction. It
// returns NotFound for any other.
func (l *Library) Term(ctx context.Context, kind TermKind, slug string) (Term, error) {
	c, err := l.term(ctx, kind, slug)
	return c.Term, err
}

// ContributorBySlug returns a contributor with an article that readers can see, a biography or an introduction, else
// NotFound.
func (l *Library) ContributorBySlug(ctx context.Context, slug string) (Contributor, error) {
	return l.term(ctx, Byline, slug)
}

const noTerm = "There is no %s of this name."

func (l *Library) term(ctx context.Context, kind TermKind, slug string) (Contributor, error) {
	if checkSlug(slug) != nil { // it may hold what PostgreSQL does not take for text
		return Contributor{}, fault.New(fault.NotFound, noTerm, kind)
	}
	c := Contributor{Term: Term{Kind: kind, Slug: slug}}
	var portrait string
	err := l.db.QueryRow(ctx, `SELECT t.id, t.name, t.description, t.parent, t.line, t.biography, t.portrait FROM terms t
		WHERE t.kind = $1 AND t.slug = $2 AND (t.description <> '' OR t.biography <> ''
		OR EXISTS (SELECT 1 FROM introductions i WHERE i.term = t.id)
		OR EXISTS (SELECT 1 FROM filings f WHERE f.term = t.id AND f.shown <= $3))`, kind, slug, l.now()).
		Scan(&c.ID, &c.Name, &c.Description, &c.Parent, &c.Line, &c.Biography, &portrait)
	if err != nil {
		return Contributor{}, storage.NotFound(err, noTerm, kind)
	}
	c.Portrait, err = imageOf(portrait)
	return c, err
}

// Terms returns the terms of a kind under which readers find an article, by name, with the number of articles.
func (l *Library) Terms(ctx context.Context, kind TermKind) ([]TermCount, error) {
	rows, err := l.db.Query(ctx, `SELECT t.id, t.slug, t.name, t.description, t.parent, COUNT(*) FROM terms t
		JOIN filings f ON f.term = t.id AND f.shown <= $2 WHERE t.kind = $1
		GROUP BY t.id, t.slug, t.name, t.description, t.parent ORDER BY t.name, t.id`, kind, l.now())
	var out []TermCount
	err = eachRow(rows, err, func() error {
		t := TermCount{Term: Term{Kind: kind}}
		err := rows.Scan(&t.ID, &t.Slug, &t.Name, &t.Description, &t.Parent, &t.Articles)
		out = append(out, t)
		return err
	})
	return out, err
}

// SaveTerm writes a term's name, description and parent, making the term when there is none of this kind and slug; an
// empty slug is made from the name. What is the same as before changes nothing. It returns the id.
func (l *Library) SaveTerm(ctx context.Context, t Term) (int64, error) {
	return l.SaveContributor(ctx, Contributor{Term: t})
}

// SaveContributor is SaveTerm for a contributor, with line, biography and portrait.
func (l *Library) SaveContributor(ctx context.Context, c Contributor) (id int64, err error) {
	if c.Slug == "" {
		c.Slug = termSlug(c.Name)
	}
	if c.Name == "" {
		return 0, fault.Field("name", "a name is needed")
	}
	if err := checkSlug(c.Slug); err != nil {
		return 0, err
	}
	portrait, err := imageText(c.Portrait)
	if err != nil {
		return 0, err
	}
	err = l.db.Write(ctx, func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, `INSERT INTO terms (kind, slug, name, description, parent, line, biography, portrait)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (kind, slug) DO UPDATE SET name = excluded.name,
			description = excluded.description, parent = excluded.parent, line = excluded.line,
			biography = excluded.biography, portrait = excluded.portrait
			WHERE terms.name <> excluded.name OR terms.description <> excluded.description
			OR terms.parent <> excluded.parent OR terms.line <> excluded.line OR terms.biography <> excluded.biography
			OR terms.portrait <> excluded.portrait`,
			c.Kind, c.Slug, c.Name, c.Description, c.Parent, c.Line, c.Biography, portrait)
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `SELECT id FROM terms WHERE kind = $1 AND slug = $2`, c.Kind, c.Slug).Scan(&id)
		if err != nil || n == 0 {
			return err
		}
		return tx.Changed(ctx, "term", id)
	})
	l.terms.forget(c.Kind, c.Slug)
	return id, err
}

// imageText and imageOf write and read a picture as it is stored: JSON, or nothing.
func imageText(i *Image) (string, error) {
	if i == nil || i.File == "" {
		return "", nil
	}
	b, err := json.Marshal(i)
	return string(b), err
}

func imageOf(text string) (*Image, error) {
	if text == "" {
		return nil, nil
	}
	i := new(Image)
	return i, json.Unmarshal([]byte(text), i)
}

// TermsOf returns every term of a kind by name, those without an article among them: for the newsroom, which files
// under them.
func (l *Library) TermsOf(ctx context.Context, kind TermKind) ([]Term, error) {
	rows, err := l.db.Query(ctx, `SELECT id, kind, slug, name, description, parent FROM terms WHERE kind = $1 ORDER BY name, id`, kind)
	var out []Term
	err = eachRow(rows, err, func() error {
		var t Term
		err := rows.Scan(&t.ID, &t.Kind, &t.Slug, &t.Name, &t.Description, &t.Parent)
		out = append(out, t)
		return err
	})
	return out, err
}

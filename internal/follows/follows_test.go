package follows

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

var (
	_ readers.Exporter = (*Follows)(nil)
	_ readers.Eraser   = (*Follows)(nil)
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// The readers and terms of every test.
const (
	anna, ben = int64(1), int64(2)
	water     = int64(11)
	egypt     = int64(12)
)

func run(t *testing.T, f func(t *testing.T, db *storage.DB, s *Follows)) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		err := db.Write(t.Context(), func(tx *storage.DB) error {
			for id := anna; id <= ben; id++ {
				if _, err := tx.Exec(t.Context(), `INSERT INTO readers (id, mailbox, address, created) VALUES ($1, $2, $3, 1)`,
					id, fmt.Sprint(id, "@example.org"), fmt.Sprint(id, "@example.org")); err != nil {
					return err
				}
			}
			for _, term := range []Term{{ID: water, Kind: "topic", Slug: "water", Name: "Water"}, {ID: egypt, Kind: "country", Slug: "egypt", Name: "Egypt"},
				{ID: 13, Kind: "contributor", Slug: "ines-marvell", Name: "Ines Marvell"}, {ID: 14, Kind: "section", Slug: "briefings", Name: "Briefings"}} {
				if _, err := tx.Exec(t.Context(), `INSERT INTO terms (id, kind, slug, name) VALUES ($1, $2, $3, $4)`,
					term.ID, term.Kind, term.Slug, term.Name); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		f(t, db, New(db, func() time.Time { return noon }))
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (f *Follows) names(t *testing.T, reader int64) (out []string) {
	t.Helper()
	list, err := f.Following(t.Context(), reader)
	must(t, err)
	for _, one := range list {
		out = append(out, one.Kind+" "+one.Name)
	}
	return out
}

func TestFollow(t *testing.T) {
	run(t, func(t *testing.T, _ *storage.DB, f *Follows) {
		for _, at := range [][2]string{{"topic", "water"}, {"country", "egypt"}, {"contributor", "ines-marvell"}, {"topic", "water"}} {
			must(t, f.Follow(t.Context(), anna, at[0], at[1]))
		}
		must(t, f.Follow(t.Context(), ben, "topic", "water"))
		if have := f.names(t, anna); !slices.Equal(have, []string{"topic Water", "country Egypt", "contributor Ines Marvell"}) {
			t.Errorf("Anna follows %q", have)
		}
		list, err := f.Following(t.Context(), ben)
		must(t, err)
		if want := (Term{water, "topic", "water", "Water", noon}); len(list) != 1 || list[0] != want {
			t.Errorf("Ben follows %v, want %v", list, want)
		}
		must(t, f.Unfollow(t.Context(), anna, "topic", "water"))
		must(t, f.Unfollow(t.Context(), anna, "topic", "water")) // twice does no harm
		for _, c := range []struct {
			reader, term int64
			want         bool
		}{{anna, water, false}, {anna, egypt, true}, {ben, water, true}, {ben, egypt, false}} {
			if have, err := f.Is(t.Context(), c.reader, c.term); err != nil || have != c.want {
				t.Errorf("reader %d follows %d: %v, %v", c.reader, c.term, have, err)
			}
		}
	})
}

func TestWhatNobodyCanFollow(t *testing.T) {
	run(t, func(t *testing.T, _ *storage.DB, f *Follows) {
		for _, at := range [][2]string{{"topic", "no-such"}, {"section", "briefings"}, {"country", "water"}, {"", ""}} {
			if err := f.Follow(t.Context(), anna, at[0], at[1]); !fault.Is(err, fault.NotFound) {
				t.Errorf("follow %q: %v", at, err)
			}
			if err := f.Unfollow(t.Context(), anna, at[0], at[1]); !fault.Is(err, fault.NotFound) {
				t.Errorf("leave %q: %v", at, err)
			}
		}
		must(t, f.Follow(t.Context(), 999, "topic", "water")) // a reader who was deleted meanwhile
		if have := f.names(t, 999); have != nil {
			t.Errorf("nobody follows %q", have)
		}
	})
}

func TestReadersFollowing(t *testing.T) {
	run(t, func(t *testing.T, _ *storage.DB, f *Follows) {
		for _, reader := range []int64{ben, anna} {
			must(t, f.Follow(t.Context(), reader, "topic", "water"))
		}
		for _, c := range []struct {
			term, after int64
			n           int
			want        []int64
		}{{water, 0, 10, []int64{anna, ben}}, {water, anna, 10, []int64{ben}}, {water, 0, 1, []int64{anna}}, {egypt, 0, 10, nil}} {
			if have, err := f.ReadersFollowing(t.Context(), c.term, c.after, c.n); err != nil || !slices.Equal(have, c.want) {
				t.Errorf("readers of %d after %d: %v, %v; want %v", c.term, c.after, have, err, c.want)
			}
		}
	})
}

func TestSavedSearches(t *testing.T) {
	run(t, func(t *testing.T, _ *storage.DB, f *Follows) {
		for _, q := range []string{"q=grain", "q=Nile&topic=water", "q=grain"} {
			must(t, f.Save(t.Context(), anna, q))
		}
		must(t, f.Save(t.Context(), ben, "q=grain"))
		must(t, f.Remove(t.Context(), ben, "q=grain"))
		must(t, f.Remove(t.Context(), ben, "q=never saved"))
		for reader, want := range map[int64][]string{anna: {"q=Nile&topic=water", "q=grain"}, ben: nil} {
			saved, err := f.Saved(t.Context(), reader)
			must(t, err)
			var have []string
			for _, s := range saved {
				have = append(have, s.Query)
				if !s.Since.Equal(noon) {
					t.Errorf("%q was saved at %s", s.Query, s.Since)
				}
			}
			if !slices.Equal(have, want) {
				t.Errorf("reader %d saved %q, want %q", reader, have, want)
			}
		}
		for _, q := range []string{"", strings.Repeat("x", maxQuery+1), "q=\x00", "q=\xff"} {
			if err := f.Save(t.Context(), anna, q); !fault.Is(err, fault.Invalid) {
				t.Errorf("save %q: %v", q, err)
			}
		}
	})
}

func TestThereIsAnEnd(t *testing.T) {
	run(t, func(t *testing.T, db *storage.DB, f *Follows) {
		must(t, db.Write(t.Context(), func(tx *storage.DB) error {
			for i := range int64(MaxTerms) {
				if _, err := tx.Exec(t.Context(), `INSERT INTO terms (id, kind, slug, name) VALUES ($1, 'topic', $2, $2)`, 1000+i, fmt.Sprint("t-", i)); err != nil {
					return err
				}
				if _, err := tx.Exec(t.Context(), `INSERT INTO follows (reader, term, at) VALUES ($1, $2, 1)`, anna, 1000+i); err != nil {
					return err
				}
			}
			for i := range MaxSearches {
				if _, err := tx.Exec(t.Context(), `INSERT INTO saved_searches (reader, query, at) VALUES ($1, $2, 1)`, anna, fmt.Sprint("q=", i)); err != nil {
					return err
				}
			}
			return nil
		}))
		if err := f.Follow(t.Context(), anna, "topic", "water"); !fault.Is(err, fault.TooMany) {
			t.Errorf("one more term: %v", err)
		}
		if err := f.Save(t.Context(), anna, "q=more"); !fault.Is(err, fault.TooMany) {
			t.Errorf("one more search: %v", err)
		}
		must(t, f.Follow(t.Context(), anna, "topic", "t-1")) // what they have stays
		must(t, f.Save(t.Context(), anna, "q=1"))
		must(t, f.Follow(t.Context(), ben, "topic", "water"))
	})
}

func TestExportAndErase(t *testing.T) {
	run(t, func(t *testing.T, db *storage.DB, f *Follows) {
		for _, reader := range []int64{anna, ben} {
			must(t, f.Follow(t.Context(), reader, "topic", "water"))
			must(t, f.Save(t.Context(), reader, "q=grain"))
		}
		name, part, err := f.ExportReader(t.Context(), anna)
		must(t, err)
		b, err := json.Marshal(part)
		must(t, err)
		const want = `[{"kind":"topic","name":"Water","since":"2026-11-23T12:00:00Z"},{"kind":"search","query":"q=grain","since":"2026-11-23T12:00:00Z"}]`
		if name != "follows" || string(b) != want {
			t.Errorf("exported %s %s", name, b)
		}
		must(t, db.Write(t.Context(), func(tx *storage.DB) error { return f.EraseReader(t.Context(), tx, anna) }))
		must(t, db.Write(t.Context(), func(tx *storage.DB) error { // without the eraser, too
			_, err := tx.Exec(t.Context(), `DELETE FROM readers WHERE id = $1`, ben)
			return err
		}))
		for _, reader := range []int64{anna, ben} {
			saved, err := f.Saved(t.Context(), reader)
			if have := f.names(t, reader); err != nil || len(have)+len(saved) > 0 {
				t.Errorf("reader %d is erased and follows %q, %v, %v", reader, have, saved, err)
			}
		}
		if _, part, err = f.ExportReader(t.Context(), anna); err != nil || len(part.([]exported)) != 0 {
			t.Errorf("exported %v, %v", part, err)
		}
	})
}

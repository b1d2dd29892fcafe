package desk

import (
	"fmt"
	"sync"
	"testing"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// TestFilingWhileOthersLook: one writes, two file, two open what is there, all at once. A text is never opened under the
// version of another, readers never go back to an earlier one, and no revision says that the library had a text it had not.
func TestFilingWhileOthersLook(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		r := newRoom(t, db, library.Published)
		r.save(0, anna, "a", "Text 0.")
		done := make(chan struct{})
		var all sync.WaitGroup
		until := func(each func() error) {
			all.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					if err := each(); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for range 2 {
			until(func() error { return r.File(ctx, r.article) })
			until(func() error {
				c, err := r.Open(ctx, r.article)
				if err != nil {
					return err
				}
				v, err := r.Revision(ctx, r.article, c.Version)
				if have, want := c.Text.Document.HTML(), v.Text.Document.HTML(); err == nil && have != want {
					return fmt.Errorf("version %d is opened as %s, it is %s", c.Version, have, want)
				}
				return err
			})
		}
		seen := 0
		until(func() error {
			m, err := r.library.Manuscript(ctx, r.article)
			number := 0
			if _, other := fmt.Sscanf(m.BodyHTML, "<p>Text %d.</p>", &number); err != nil || other != nil {
				return err
			}
			if number < seen {
				return fmt.Errorf("readers had text %d, then %d", seen, number)
			}
			seen = number
			return nil
		})
		all.Go(func() {
			defer close(done)
			base := int64(2)
			for i := range 60 {
				s, err := r.Save(ctx, Change{Article: r.article, Base: base, Token: "a", Kind: Kept, Writer: anna, Text: text(t, fmt.Sprintf("Text %d.", i+1))})
				if err != nil || s.Aside() {
					t.Errorf("save %d became %+v, %v", i, s, err)
					return
				}
				base = s.Version
			}
		})
		all.Wait()
		list, err := r.Revisions(ctx, r.article, 0)
		if err != nil || len(list) != 62 {
			t.Errorf("there are %d revisions, %v", len(list), err)
		}
		for _, v := range list {
			if v.Kind == Filed && v.Version != 1 {
				t.Errorf("revision %d says that the library had it", v.Version)
			}
		}
	})
}

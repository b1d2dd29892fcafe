package media

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Store keeps the files of pictures under keys made of lower-case letters, digits, '-', '.' and '/'.
type Store interface {
	// Keep writes a file whole or not at all. It is durable when Keep returns nil. A key that is kept again has the
	// same content.
	Keep(ctx context.Context, key string, content []byte) error
	// Open opens a file from its beginning, or returns an error that is fs.ErrNotExist.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
}

// Images keeps the pictures of the publication. It is safe for concurrent use.
type Images struct {
	db    *storage.DB
	store Store
	room  *semaphore.Weighted // pixels that may be decoded
}

// New returns the pictures whose files are in a store and whose rows are in a migrated database.
func New(db *storage.DB, store Store) *Images {
	return &Images{db: db, store: store, room: semaphore.NewWeighted(MaxPixels)}
}

// Put keeps an upload: a JPEG, PNG, GIF (its first frame) or WebP picture of at most MaxBytes and MaxPixels. It
// returns an Invalid fault for anything else. A picture that is kept already is returned as it is.
func (m *Images) Put(ctx context.Context, r io.Reader) (Image, error) {
	upload, err := readUpload(r)
	if err != nil {
		return Image{}, err
	}
	name := nameOf(upload)
	if i, err := m.complete(ctx, name); err == nil || !fault.Is(err, fault.NotFound) {
		return i, err
	}
	renditions, err := m.render(ctx, upload)
	if err != nil {
		return Image{}, err
	}
	for _, r := range renditions {
		if err := m.store.Keep(ctx, keyOf(name, r.width), r.jpeg); err != nil {
			return Image{}, fmt.Errorf("keep picture %s: %w", name, err)
		}
	}
	i := Image{Name: name, Width: renditions[0].width, Height: renditions[0].height}
	err = m.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `INSERT INTO media (name, width, height, created) VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`, i.Name, i.Width, i.Height, storage.Micros(time.Now()))
		return err
	})
	return i, err
}

// render waits until there is room to decode an upload, and makes its renditions.
func (m *Images) render(ctx context.Context, upload []byte) ([]rendition, error) {
	h, err := inspect(upload)
	if err != nil {
		return nil, err
	}
	if err := m.room.Acquire(ctx, h.pixels); err != nil {
		return nil, err
	}
	defer m.room.Release(h.pixels)
	return h.render(ctx, upload)
}

// complete returns a picture that has both its row and its largest file: a database that was restored without its
// folder is mended by putting the pictures again.
func (m *Images) complete(ctx context.Context, name string) (Image, error) {
	i, err := m.Find(ctx, name)
	if err != nil {
		return Image{}, err
	}
	f, err := m.Open(ctx, name, i.Width)
	if err != nil {
		return Image{}, err
	}
	return i, f.Close()
}

// Find returns a picture by its name, or NotFound.
func (m *Images) Find(ctx context.Context, name string) (Image, error) {
	if err := checkName(name); err != nil {
		return Image{}, err
	}
	i := Image{Name: name}
	err := m.db.QueryRow(ctx, `SELECT width, height FROM media WHERE name = $1`, name).Scan(&i.Width, &i.Height)
	if errors.Is(err, sql.ErrNoRows) {
		return Image{}, errNoPicture
	}
	return i, err
}

// Open opens a rendition, a JPEG file, for serving. It returns NotFound for any name and width that Put did not make.
// The caller closes it.
func (m *Images) Open(ctx context.Context, name string, width int) (io.ReadSeekCloser, error) {
	if err := checkName(name); err != nil || !possible(width) {
		return nil, errNoPicture
	}
	f, err := m.store.Open(ctx, keyOf(name, width))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoPicture
	}
	return f, err
}

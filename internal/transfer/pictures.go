package transfer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/gatefold/gatefold/internal/library"
)

// Media keeps pictures. Put stores one and returns the name it is known by, which is the same for the same bytes, and
// its size in pixels. A name that was returned is durable.
type Media interface {
	Put(ctx context.Context, r io.Reader) (name string, width, height int, err error)
}

// captionsFile holds, beside an import, what is said of its pictures.
const captionsFile = "photos.json"

// pictures puts the files that lines name into media, each once a run.
type pictures struct {
	media    Media
	mu       sync.Mutex
	captions map[string]captions // by folder
	kept     map[string]kept
}

// captions is what photos.json says, by file, and why it could not be read.
type captions struct {
	of  map[string]picture
	err error
}

type kept struct {
	image library.Image
	err   error
}

func newPictures(m Media) *pictures {
	return &pictures{media: m, captions: map[string]captions{}, kept: map[string]kept{}}
}

// hero returns the image of a picture named from a folder. What the line does not say of it comes from photos.json.
func (p *pictures) hero(ctx context.Context, dir string, pic picture) (*library.Image, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	path := filepath.Join(dir, pic.File)
	k, ok := p.kept[path]
	if !ok {
		k.image, k.err = p.put(ctx, dir, pic.File)
		p.kept[path] = k
	}
	if k.err != nil {
		return nil, k.err
	}
	i, said := k.image, p.said(dir).of[pic.File]
	i.Alt, i.Caption = cmp.Or(pic.Alt, said.Alt), cmp.Or(pic.Caption, said.Caption)
	i.Credit, i.Licence = cmp.Or(pic.Credit, said.Credit), cmp.Or(pic.Licence, said.Licence)
	i.Alt = cmp.Or(i.Alt, i.Caption)
	return &i, nil
}

// put reads a file inside of a folder: a line of an import does not reach any other.
func (p *pictures) put(ctx context.Context, dir, file string) (i library.Image, err error) {
	if p.media == nil || dir == "" {
		return i, errors.New("no place to keep pictures")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return i, err
	}
	defer func() { _ = root.Close() }()
	f, err := root.Open(filepath.FromSlash(file))
	if err != nil {
		return i, plain(err)
	}
	defer func() { _ = f.Close() }()
	i.File, i.Width, i.Height, err = p.media.Put(ctx, f)
	return i, err
}

// plain leaves out of an error what its reader knows: the path, and that it was opened.
func plain(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is no such file beside the import")
	}
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// captionsFault returns why the captions of a folder could not be read, nil when they were, or when there are none.
func (p *pictures) captionsFault(dir string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.captions[dir].err
}

// said reads the captions of a folder, once.
func (p *pictures) said(dir string) captions {
	c, ok := p.captions[dir]
	if !ok {
		c.of, c.err = readCaptions(filepath.Join(dir, captionsFile))
		p.captions[dir] = c
	}
	return c
}

func readCaptions(file string) (map[string]picture, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []picture
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, err
	}
	of := map[string]picture{}
	for _, pic := range list {
		of[pic.File] = pic
	}
	return of, nil
}

// pictureNote says which picture an article went without.
func pictureNote(file string, err error) string { return fmt.Sprintf("the picture %s: %v", file, err) }

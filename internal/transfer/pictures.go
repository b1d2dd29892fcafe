package transfer

import (
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
	captions map[string]map[string]picture // by folder and file
	kept     map[string]kept
}

type kept struct {
	image library.Image
	err   error
}

func newPictures(m Media) *pictures {
	return &pictures{media: m, captions: map[string]map[string]picture{}, kept: map[string]kept{}}
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
	i, said := k.image, p.said(dir)[pic.File]
	i.Alt, i.Caption = first(pic.Alt, said.Alt), first(pic.Caption, said.Caption)
	i.Credit, i.Licence = first(pic.Credit, said.Credit), first(pic.Licence, said.Licence)
	i.Alt = first(i.Alt, i.Caption)
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

// said reads the captions of a folder, once. A file of captions that cannot be read is as good as none.
func (p *pictures) said(dir string) map[string]picture {
	if c, ok := p.captions[dir]; ok {
		return c
	}
	c := map[string]picture{}
	p.captions[dir] = c
	b, err := os.ReadFile(filepath.Join(dir, captionsFile))
	if err != nil {
		return c
	}
	var list []picture
	if err := json.Unmarshal(b, &list); err != nil {
		return c
	}
	for _, pic := range list {
		c[pic.File] = pic
	}
	return c
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// note says which picture an article went without.
func pictureNote(file string, err error) string { return fmt.Sprintf("the picture %s: %v", file, err) }

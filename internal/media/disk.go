package media

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"
)

// Disk is a Store in a folder on the local disk. Nothing it is asked for can lead out of the folder (os.Root).
type Disk struct{ root *os.Root }

// unfinished is the folder of files that are being written.
const unfinished = "unfinished"

// abandoned is the age at which an unfinished file is taken for that of a process that was killed.
const abandoned = time.Hour

// OpenDisk opens the store in a folder, making the folder when it is missing. The caller closes it.
func OpenDisk(dir string) (*Disk, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open pictures: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open pictures: %w", err)
	}
	d := &Disk{root}
	if err := d.sweep(); err != nil {
		return nil, errors.Join(fmt.Errorf("open pictures: %w", err), root.Close())
	}
	return d, nil
}

// Close lets go of the folder.
func (d *Disk) Close() error { return d.root.Close() }

// sweep removes what killed processes left unfinished.
func (d *Disk) sweep() error {
	if err := d.root.MkdirAll(unfinished, 0o755); err != nil {
		return err
	}
	entries, err := fs.ReadDir(d.root.FS(), unfinished)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && time.Since(info.ModTime()) > abandoned {
			err = d.root.Remove(path.Join(unfinished, e.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Keep implements Store: the file is written beside its place, synced, and moved there.
func (d *Disk) Keep(ctx context.Context, key string, content []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	temporary := path.Join(unfinished, rand.Text())
	if err := d.write(temporary, content); err != nil {
		return errors.Join(err, d.remove(temporary))
	}
	if err := d.move(temporary, key); err != nil {
		return errors.Join(err, d.remove(temporary))
	}
	return nil
}

func (d *Disk) write(name string, content []byte) error {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

// move gives a file its name. The folders whose entries change are synced too, or the name could be lost with the power.
func (d *Disk) move(from, to string) error {
	folder := path.Dir(to)
	switch err := d.root.Mkdir(folder, 0o755); {
	case err == nil:
		if err := d.sync(path.Dir(folder)); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrExist):
		return err
	}
	if err := d.root.Rename(from, to); err != nil {
		return err
	}
	return d.sync(folder)
}

func (d *Disk) sync(folder string) error {
	f, err := d.root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// remove deletes a file that may not be there.
func (d *Disk) remove(name string) error {
	if err := d.root.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Open implements Store.
func (d *Disk) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return d.root.Open(key)
}

package index

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
)

// An Index is a folder of segments. It is safe for concurrent use; one process at a time may write to a folder, and
// sees to that itself.
type Index struct {
	dir string
	set atomic.Pointer[Set]

	mu       sync.Mutex // held while the set is exchanged
	merging  sync.Mutex // held while segments are merged
	where    map[int64]place
	manifest manifest
	opened   []*Segment // to close
}

// A place is where an article stands.
type place struct {
	segment *Segment
	doc     uint32
}

// A Set is one state of an index. It does not change.
type Set struct {
	Segments []*Segment
	Dead     []Bitmap         // by segment: the articles that were replaced or deleted
	Docs     int              // articles that are there
	Slots    int              // places for articles, dead ones among them
	Words    [Fields]int64    // of all slots
	Bytes    int64            // of the files
	segments map[*Segment]int // places in Segments
}

// A manifest tells which files are the index.
type manifest struct {
	Format   int
	Next     int // number of the next file
	Segments []segmentInfo
}

type segmentInfo struct {
	File string
	Dead []byte `json:",omitempty"`
}

const manifestName = "manifest.json"

// Create makes an empty index in a folder, which is made.
func Create(dir string) (*Index, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	x := &Index{dir: dir, where: map[int64]place{}, manifest: manifest{Format: Format, Next: 1}}
	x.set.Store(newSet(nil, nil))
	return x, x.save(x.manifest)
}

// openTries is how often a folder is read anew that another process changes meanwhile.
const openTries = 20

// Open opens the index of a folder. It returns an error that is fs.ErrNotExist when there is none.
func Open(dir string) (*Index, error) {
	for try := 1; ; try++ {
		x, err := open(dir)
		if err == nil || try == openTries || !errors.Is(err, fs.ErrNotExist) {
			return x, err
		}
		if _, missing := os.Stat(filepath.Join(dir, manifestName)); missing != nil {
			return nil, err
		}
	}
}

func open(dir string) (x *Index, err error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, err
	}
	made := &Index{dir: dir, where: map[int64]place{}}
	if json.Unmarshal(text, &made.manifest) != nil || made.manifest.Format != Format {
		return nil, fmt.Errorf("open %s: %w", dir, ErrDamaged)
	}
	defer func() {
		if err != nil {
			_ = made.Close()
		}
	}()
	var segments []*Segment
	var dead []Bitmap
	for _, info := range made.manifest.Segments {
		s, err := openSegment(filepath.Join(dir, filepath.Base(info.File)))
		if err != nil {
			return nil, err
		}
		made.opened = append(made.opened, s)
		segments, dead = append(segments, s), append(dead, bitmapOf(info.Dead, s.Len()))
	}
	made.adopt(newSet(segments, dead))
	return made, nil
}

// adopt makes a set the state of the index.
func (x *Index) adopt(set *Set) {
	clear(x.where)
	for i, s := range set.Segments {
		for d, id := range s.IDs {
			if !set.Dead[i].Has(uint32(d)) {
				x.where[id] = place{s, uint32(d)}
			}
		}
	}
	x.set.Store(set)
}

func newSet(segments []*Segment, dead []Bitmap) *Set {
	set := &Set{Segments: segments, Dead: dead, segments: map[*Segment]int{}}
	for i, s := range segments {
		set.segments[s] = i
		set.Slots += s.Len()
		set.Docs += s.Len() - dead[i].Count()
		set.Bytes += s.Bytes
		for f := range Fields {
			set.Words[f] += s.Words[f]
		}
	}
	return set
}

// Set returns the state of the index.
func (x *Index) Set() *Set { return x.set.Load() }

// Versions calls f for every article that is there, with its version.
func (s *Set) Versions(f func(id, version int64)) {
	for i, seg := range s.Segments {
		for d, id := range seg.IDs {
			if !s.Dead[i].Has(uint32(d)) {
				f(id, seg.Versions[d])
			}
		}
	}
}

// Version returns the version of an article, 0 when it is not there.
func (x *Index) Version(id int64) int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	p, ok := x.where[id]
	if !ok {
		return 0
	}
	return p.segment.Versions[p.doc]
}

// Apply brings in the documents of a builder, each in the place of the one with its id that was there, and takes away
// the deleted ones. When it returns, the change is on the disk and in the Set.
func (x *Index) Apply(b *Builder, deleted []int64) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	segments, dead := x.Set().copy()
	moved := map[int64]place{}
	next := x.manifest.Next
	if b.Docs() > 0 {
		s, err := x.write(next, b.write)
		if err != nil {
			return err
		}
		next++
		segments, dead = append(segments, s), append(dead, nil)
		for d, id := range s.IDs {
			if p, twice := moved[id]; twice {
				dead[len(dead)-1] = dead[len(dead)-1].with(p.doc, s.Len())
			}
			moved[id] = place{s, uint32(d)}
		}
	}
	set := x.Set()
	kill := func(id int64) {
		if p, ok := x.where[id]; ok {
			i := set.segments[p.segment]
			dead[i] = dead[i].with(p.doc, p.segment.Len())
		}
	}
	for id := range moved {
		kill(id)
	}
	for _, id := range deleted {
		if _, ok := moved[id]; !ok {
			kill(id)
		}
	}
	if err := x.exchange(next, segments, dead); err != nil {
		return err
	}
	for _, id := range deleted {
		delete(x.where, id)
	}
	for id, p := range moved {
		x.where[id] = p
	}
	return nil
}

// write makes the file of a number and opens it.
func (x *Index) write(number int, write func(name string) error) (*Segment, error) {
	s, err := x.writeFile(number, write)
	if err == nil {
		x.opened = append(x.opened, s)
	}
	return s, err
}

func (x *Index) writeFile(number int, write func(name string) error) (*Segment, error) {
	name := filepath.Join(x.dir, fmt.Sprintf("%08d.seg", number))
	_ = os.Remove(name) // of a process that was killed
	if err := write(name); err != nil {
		return nil, err
	}
	return openSegment(name)
}

// copy returns lists that may be appended to. Bitmaps are copied where they change.
func (s *Set) copy() ([]*Segment, []Bitmap) { return slices.Clone(s.Segments), slices.Clone(s.Dead) }

// exchange makes a new state of the index the state, on the disk first. Segments without a living article are dropped.
func (x *Index) exchange(next int, segments []*Segment, dead []Bitmap) error {
	m := manifest{Format: Format, Next: next}
	var kept []*Segment
	var keptDead []Bitmap
	for i, s := range segments {
		if dead[i].Count() == s.Len() {
			continue
		}
		kept, keptDead = append(kept, s), append(keptDead, dead[i])
		m.Segments = append(m.Segments, segmentInfo{File: filepath.Base(s.Name), Dead: dead[i].bytes()})
	}
	if err := x.save(m); err != nil {
		return err
	}
	before := x.Set()
	x.set.Store(newSet(kept, keptDead))
	for _, s := range before.Segments {
		if !slices.Contains(kept, s) {
			x.drop(s)
		}
	}
	return nil
}

// drop deletes the file of a segment. Queries under way may read it on: it is closed when nothing refers to it any
// more, as the runtime closes files.
func (x *Index) drop(s *Segment) {
	_ = os.Remove(s.Name) // what is left lying is swept away at the next rebuild
	x.opened = slices.DeleteFunc(x.opened, func(o *Segment) bool { return o == s })
}

// save writes a manifest in the place of the one that is there.
func (x *Index) save(m manifest) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := Replace(filepath.Join(x.dir, manifestName), text); err != nil {
		return fmt.Errorf("write the manifest of %s: %w", x.dir, err)
	}
	x.manifest = m
	return nil
}

// Replace writes a file in the place of the one that is there, so that a reader finds one of the two whatever happens.
func Replace(name string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(filepath.Dir(name))
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Close closes the files. Nothing may use the index any more.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var errs []error
	for _, s := range x.opened {
		errs = append(errs, s.close())
	}
	x.opened = nil
	return errors.Join(errs...)
}

// Dir is the folder of the index.
func (x *Index) Dir() string { return x.dir }

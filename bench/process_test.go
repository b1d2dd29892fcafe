package main

import (
	"math"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const rest = " S 41 42 42 0 -1 4194560 100 0 0 0 250 31 7 1 20 0 3 0 12345 1000000 500"
	for _, name := range []string{"nginx", "nginx: worker (1)", "a) S 1 2 (b"} {
		got, err := parseStat("77 (" + name + ")" + rest)
		if want := (stat{77, 41, 2890 * time.Millisecond}); err != nil || got != want {
			t.Errorf("process %q: %+v, %v; want %+v", name, got, err, want)
		}
	}
	for _, line := range []string{"", "77 nginx S 41", "77 (nginx) S 41", "77 (nginx) S x 42 42 0 -1 4194560 100 0 0 0 250 31 9"} {
		if got, err := parseStat(line); err == nil {
			t.Errorf("parseStat(%q) = %+v, want an error", line, got)
		}
	}
}

func TestTreeTime(t *testing.T) {
	all := []stat{{1, 0, 9 * time.Hour}, {10, 1, time.Second}, {11, 10, 2 * time.Second}, {12, 11, 4 * time.Second}, {20, 1, 8 * time.Second}}
	if got := treeTime(all, 10); got != 7*time.Second {
		t.Errorf("treeTime = %s, want the root, its child and grandchild: 7s", got)
	}
	if got := treeTime(all, 99); got != 0 {
		t.Errorf("treeTime of no process = %s", got)
	}
}

func TestParseResident(t *testing.T) {
	got, err := parseResident("Name:\tgatefold\nVmPeak:\t  900000 kB\nVmRSS:\t  131072 kB\nThreads:\t9\n")
	if err != nil || math.Abs(got-134.217728) > 1e-9 {
		t.Errorf("parseResident = %v, %v; want 134.217728 MB", got, err)
	}
	if _, err := parseResident("Name:\tkthreadd\n"); err == nil {
		t.Error("a status without VmRSS gave no error")
	}
}

// TestProcess meters a shell whose work is done by its child.
func TestProcess(t *testing.T) {
	p, err := start(t.Context(), "sh", "-c", `sh -c 'i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); done'; echo counted; exec sleep 60`)
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	deadline := time.Now().Add(30 * time.Second)
	for p.out.String() != "counted" {
		if time.Now().After(deadline) {
			t.Fatalf("the loop did not end: %q", p.out)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if used, err := p.cpu(); err != nil || used < 100*time.Millisecond {
		t.Errorf("processor time of the child = %s, %v", used, err)
	}
	if mb, err := p.resident(); err != nil || mb <= 0 {
		t.Errorf("resident memory = %v MB, %v", mb, err)
	}
}

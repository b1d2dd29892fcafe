// Package index keeps an inverted index of articles in a folder: which words stand where, and the few facts of each
// article by which hits are filtered and counted.
//
// A segment is a file that is written once. It holds the words of some articles: a dictionary, for each word the
// articles it stands in and the positions there, and a table of the articles. An Index is a list of segments and of the
// articles in them that were replaced since, kept in a manifest that is exchanged whole (rename(2)). So what is on the
// disk is at every moment one state of the index, whatever becomes of the process. Segments are merged now and then.
//
// Word lists are read from the file as they are needed, and kept by the system's page cache, not by the process: what
// an index takes of memory is its table of articles, one word in 64 of the dictionary, and the public words.
package index

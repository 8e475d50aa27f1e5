// Lucene as a peer: `build FOLDER SPOOL` indexes a spool, `serve FOLDER [STORIES]` answers one query a line. Times are taken here.
// With STORIES (a line an article that shares its story: id, tab, number of the story from 1) buckets count stories besides articles.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.*;
import org.apache.lucene.index.*;
import org.apache.lucene.search.*;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.LongHeap;
import org.apache.lucene.util.LongValues;
import org.apache.lucene.util.packed.PackedInts;

public class Peer {
    static final int TOP = 10, SHOWN = 20;

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("build")) build(Path.of(arguments[1]), Path.of(arguments[2]));
        else new Peer(Path.of(arguments[1]), arguments.length > 2 ? Path.of(arguments[2]) : null).serve();
    }

    // -- building --------------------------------------------------------------

    static FieldType text(IndexOptions options) {
        FieldType type = new FieldType();
        type.setTokenized(true);
        type.setIndexOptions(options);
        type.freeze();
        return type;
    }

    static final FieldType WORDS = text(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS), NAMES = text(IndexOptions.DOCS_AND_FREQS);

    static Document document(String[] field) {
        Document document = new Document();
        document.add(new StringField("id", field[0], Field.Store.YES));
        String day = field[1];
        long date = day.isEmpty() ? 0 : Long.parseLong(day.replace("-", ""));
        document.add(new LongField("date", date, Field.Store.NO));
        long month = day.isEmpty() ? -1 : Long.parseLong(day.substring(0, 4)) * 12 + Long.parseLong(day.substring(5, 7)) - 1;
        document.add(new NumericDocValuesField("month", month));
        document.add(new StringField("source", field[2], Field.Store.YES));
        document.add(new SortedDocValuesField("source", new BytesRef(field[2])));
        document.add(new Field("terms", field[3], WORDS));
        document.add(new Field("forms", field[4], WORDS));
        document.add(new Field("names", field[5], NAMES));
        if (!field[6].isEmpty())
            for (String entity : field[6].split(" ")) document.add(new SortedSetDocValuesField("entities", new BytesRef(entity)));
        document.add(new StoredField("title", field[7]));
        document.add(new StoredField("text", field[8]));
        return document;
    }

    static long processCpu() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    static void build(Path folder, Path spool) throws Exception {
        long cpu = 0, wall = 0, count = 0;
        IndexWriterConfig config = new IndexWriterConfig(new WhitespaceAnalyzer()).setRAMBufferSizeMB(256);
        try (BufferedReader reader = Files.newBufferedReader(spool, StandardCharsets.UTF_8);
             MMapDirectory directory = new MMapDirectory(folder)) {
            IndexWriter writer = new IndexWriter(directory, config);
            while (true) {
                List<String[]> batch = new ArrayList<>();
                for (String line; batch.size() < 1000 && (line = reader.readLine()) != null; ) batch.add(line.split("\t", -1));
                long cpuBefore = processCpu(), before = System.nanoTime();
                if (batch.isEmpty()) writer.close();
                else for (String[] field : batch) writer.addDocument(document(field));
                cpu += processCpu() - cpuBefore;
                wall += System.nanoTime() - before;
                count += batch.size();
                if (batch.isEmpty()) break;
            }
        }
        long peak = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmHWM"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElse(0);
        System.out.printf("{\"articles\": %d, \"cpu\": %f, \"wall\": %f, \"peak\": %d}%n", count, cpu / 1e9, wall / 1e9, peak * 1024);
    }

    // -- searching -------------------------------------------------------------

    final DirectoryReader reader;
    final IndexSearcher searcher;
    final SortedSetDocValues entityValues;
    final SortedDocValues sourceValues;
    final Ordinals entities, sources;
    final int firstMonth;
    final Tally months;
    final Stories stories;          // null: only articles are counted

    Peer(Path folder, Path stories) throws IOException {
        reader = DirectoryReader.open(new MMapDirectory(folder));
        searcher = new IndexSearcher(reader);
        List<SortedSetDocValues> entities = new ArrayList<>();
        List<SortedDocValues> sources = new ArrayList<>();
        long first = Long.MAX_VALUE, last = -1;
        for (LeafReaderContext leaf : reader.leaves()) {
            entities.add(DocValues.getSortedSet(leaf.reader(), "entities"));
            sources.add(DocValues.getSorted(leaf.reader(), "source"));
            NumericDocValues months = DocValues.getNumeric(leaf.reader(), "month");
            while (months.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
                if (months.longValue() < 0) continue;
                first = Math.min(first, months.longValue());
                last = Math.max(last, months.longValue());
            }
        }
        this.entities = new Ordinals(OrdinalMap.build(null, entities.toArray(new SortedSetDocValues[0]), PackedInts.DEFAULT));
        this.sources = new Ordinals(OrdinalMap.build(null, sources.toArray(new SortedDocValues[0]), PackedInts.DEFAULT));
        firstMonth = (int) Math.min(first, last + 1);
        months = new Tally((int) last - firstMonth + 2);
        entityValues = MultiDocValues.getSortedSetValues(reader, "entities");
        sourceValues = MultiDocValues.getSortedValues(reader, "source");
        this.stories = stories == null ? null : new Stories(stories);
    }

    /** Counts by number. It knows which are not zero, so reading and clearing cost no more than what was counted. */
    static final class Tally {
        final int[] counts, seen;
        int size;

        Tally(int numbers) {
            counts = new int[numbers];
            seen = new int[numbers];
        }

        void add(int number, int count) {
            if (counts[number] == 0) seen[size++] = number;
            counts[number] += count;
        }

        void clear() {
            while (size > 0) counts[seen[--size]] = 0;
        }
    }

    /** Counts values of a field by a segment's own ordinals, and adds them to the whole index's when a segment is done. */
    static final class Ordinals {
        final OrdinalMap map;
        final Tally whole, part;
        LongValues global;
        Tally current;

        Ordinals(OrdinalMap map) {
            this.map = map;
            whole = new Tally((int) map.getValueCount());
            part = new Tally((int) map.getValueCount());
        }

        void begin(LeafReaderContext leaf) {
            global = map.getGlobalOrds(leaf.ord);
            current = global == LongValues.IDENTITY ? whole : part;
        }

        void end() {
            for (int i = 0; i < part.size; i++) whole.add((int) global.get(part.seen[i]), part.counts[part.seen[i]]);
            part.clear();
        }
    }

    /**
     * Counts how often a story comes again in the shown buckets: a bucket's stories are its articles less these. What matches
     * that share their story count for is written down as they are collected. Once the shown buckets are known, each a bit, that
     * is gone through, and of every story it is kept in which of them it has been met.
     */
    final class Stories {
        static final int ENTITIES = 1, SOURCES = ENTITIES + SHOWN, MONTHS = SOURCES + SHOWN;   // first bits; 0: a bucket not shown
        final int[] of = new int[reader.maxDoc()];                  // document → its story, 0: one of its own
        final int[][] entityOrdinals = new int[reader.leaves().size()][], sourceOrdinals = entityOrdinals.clone();
        final int[] entityBits = new int[entities.whole.counts.length], sourceBits = new int[sources.whole.counts.length];
        final int[] monthBits = new int[months.counts.length];
        final int words = (MONTHS + months.counts.length + 63) >>> 6;      // of bits, a story
        final long[] metIn;                                         // story → bits
        final int[] met;                                            // places in metIn that are not zero
        final int[] repeats = new int[MONTHS + months.counts.length];      // by bit
        int[] matches = new int[1 << 16];   // for each: story, source or -1, how many entities, month or -1, its entities
        int size, open, leaf;

        Stories(Path path) throws IOException {
            record Line(BytesRef id, int story) {}
            List<Line> lines = new ArrayList<>();
            for (String line : Files.readAllLines(path)) {
                int tab = line.lastIndexOf('\t');
                lines.add(new Line(new BytesRef(line.substring(0, tab)), Integer.parseInt(line.substring(tab + 1))));
            }
            lines.sort((one, other) -> one.id.compareTo(other.id));
            int last = 0, found = 0;
            PostingsEnum postings = null;
            for (LeafReaderContext leaf : reader.leaves()) {
                entityOrdinals[leaf.ord] = table(entities.map.getGlobalOrds(leaf.ord),
                    DocValues.getSortedSet(leaf.reader(), "entities").getValueCount());
                sourceOrdinals[leaf.ord] = table(sources.map.getGlobalOrds(leaf.ord),
                    DocValues.getSorted(leaf.reader(), "source").getValueCount());
                TermsEnum ids = leaf.reader().terms("id").iterator();
                for (Line line : lines) {
                    if (!ids.seekExact(line.id)) continue;
                    postings = ids.postings(postings, PostingsEnum.NONE);
                    of[leaf.docBase + postings.nextDoc()] = line.story;
                    last = Math.max(last, line.story);
                    found++;
                }
            }
            if (found != lines.size()) throw new IOException(path + " has " + lines.size() + " articles, the index " + found + " of them");
            metIn = new long[(last + 1) * words];
            met = new int[last + 1];
        }

        static int[] table(LongValues whole, long values) {
            int[] found = new int[(int) values];
            for (int i = 0; i < found.length; i++) found[i] = (int) whole.get(i);
            return found;
        }

        void begin(int leaf) {
            this.leaf = leaf;
        }

        void open(int story, int source) {
            if (matches.length < size + 4) matches = Arrays.copyOf(matches, matches.length * 2);
            matches[size] = story;
            matches[size + 1] = source < 0 ? -1 : sourceOrdinals[leaf][source];
            open = size + 2;
            size += 4;
        }

        void entity(int ordinal) {
            if (size == matches.length) matches = Arrays.copyOf(matches, matches.length * 2);
            matches[size++] = entityOrdinals[leaf][ordinal];
        }

        void close(int month) {
            matches[open] = size - open - 2;
            matches[open + 1] = month;
        }

        /** Fills `repeats` for these buckets and forgets the matches. */
        void count(int[] shownEntities, int[] shownSources, int[] shownMonths) {
            Arrays.fill(repeats, 0);
            number(entityBits, shownEntities, ENTITIES);
            number(sourceBits, shownSources, SOURCES);
            number(monthBits, shownMonths, MONTHS);
            int stories = 0;
            for (int i = 0; i < size; ) {
                int at = matches[i] * words, source = matches[i + 1], month = matches[i + 3], end = i + 4 + matches[i + 2];
                long bits = metIn[at];                              // the first word has those of all entities and sources
                if (bits == 0) met[stories++] = at;
                bits |= 1;
                if (source >= 0) bits = meet(bits, sourceBits[source]);
                for (i += 4; i < end; i++) bits = meet(bits, entityBits[matches[i]]);
                metIn[at] = bits;
                if (month < 0) continue;
                int bit = monthBits[month];
                metIn[at + (bit >>> 6)] = meet(metIn[at + (bit >>> 6)], bit);
            }
            while (stories > 0) {
                int at = met[--stories];
                for (int i = 0; i < words; i++) metIn[at + i] = 0;
            }
            for (int number : shownEntities) entityBits[number] = 0;
            for (int number : shownSources) sourceBits[number] = 0;
            for (int number : shownMonths) monthBits[number] = 0;
            size = 0;
        }

        long meet(long bits, int bit) {
            repeats[bit] += (int) (bits >>> bit) & 1;
            return bits | 1L << bit;
        }

        void number(int[] bits, int[] shown, int first) {
            for (int i = 0; i < shown.length; i++) bits[shown[i]] = first + i;
        }
    }

    /**
     * Counts entities, sources and months of every match in the pass that finds the best. Sources are alternatives, so
     * all matches of the query count for them; where a source is chosen, only its matches go on to the rest.
     */
    final class Counting implements Collector {
        final Collector best;
        final BytesRef chosen;

        Counting(Collector best, String source) {
            this.best = best;
            chosen = source.isEmpty() ? null : new BytesRef(source);
            entities.whole.clear();
            sources.whole.clear();
            months.clear();
        }

        @Override public LeafCollector getLeafCollector(LeafReaderContext leaf) throws IOException {
            SortedSetDocValues entity = DocValues.getSortedSet(leaf.reader(), "entities");
            SortedDocValues source = DocValues.getSorted(leaf.reader(), "source");
            NumericDocValues month = DocValues.getNumeric(leaf.reader(), "month");
            int wanted = chosen == null ? -1 : source.lookupTerm(chosen);
            entities.begin(leaf);
            sources.begin(leaf);
            if (stories != null) stories.begin(leaf.ord);
            Tally entityCounts = entities.current, sourceCounts = sources.current;
            return new FilterLeafCollector(best.getLeafCollector(leaf)) {
                @Override public void collect(int document) throws IOException {
                    int given = source.advanceExact(document) ? source.ordValue() : -1;
                    if (given >= 0) sourceCounts.add(given, 1);
                    boolean shared = stories != null && stories.of[leaf.docBase + document] > 0;
                    if (shared) stories.open(stories.of[leaf.docBase + document], given);
                    if (chosen != null && (given < 0 || given != wanted)) {
                        if (shared) stories.close(-1);
                        return;
                    }
                    in.collect(document);
                    if (entity.advanceExact(document))
                        for (int i = entity.docValueCount(); i > 0; i--) {
                            int ordinal = (int) entity.nextOrd();
                            entityCounts.add(ordinal, 1);
                            if (shared) stories.entity(ordinal);
                        }
                    int place = month.advanceExact(document) ? Math.max((int) month.longValue() - firstMonth + 1, 0) : -1;
                    if (place >= 0) months.add(place, 1);
                    if (shared) stories.close(place);
                }

                @Override public void finish() throws IOException {
                    in.finish();
                    entities.end();
                    sources.end();
                }
            };
        }

        @Override public ScoreMode scoreMode() {
            return best.scoreMode();
        }
    }

    static Query query(String operator, String field, String since, String until, String source, String[] words) {
        Query root;
        if (operator.equals("phrase")) root = new PhraseQuery(field, words);
        else if (operator.equals("prefix")) root = new PrefixQuery(new Term(field, words[0]));
        else if (words.length == 1) root = new TermQuery(new Term(field, words[0]));
        else {
            BooleanClause.Occur occur = operator.equals("all") ? BooleanClause.Occur.MUST : BooleanClause.Occur.SHOULD;
            BooleanQuery.Builder builder = new BooleanQuery.Builder();
            for (String word : words) builder.add(new TermQuery(new Term(field, word)), occur);
            root = builder.build();
        }
        if (since.isEmpty() && source.isEmpty()) return root;
        BooleanQuery.Builder builder = new BooleanQuery.Builder().add(root, BooleanClause.Occur.MUST);
        if (!since.isEmpty())
            builder.add(LongField.newRangeQuery("date", Long.parseLong(since.replace("-", "")),
                Long.parseLong(until.replace("-", ""))), BooleanClause.Occur.FILTER);
        if (!source.isEmpty()) builder.add(new TermQuery(new Term("source", source)), BooleanClause.Occur.FILTER);
        return builder.build();
    }

    interface Name {
        String of(int ordinal) throws IOException;
    }

    /** The most frequent ordinals; of equals the lower. */
    static int[] most(Tally tally) {
        LongHeap heap = new LongHeap(SHOWN);
        for (int i = 0; i < tally.size; i++)
            heap.insertWithOverflow((long) tally.counts[tally.seen[i]] << 32 | ~tally.seen[i] & 0xffffffffL);
        int[] found = new int[heap.size()];
        for (int i = 0; i < found.length; i++) found[i] = ~(int) heap.get(i + 1);
        return found;
    }

    /** Buckets as NAME=ARTICLES, or NAME=ARTICLES/STORIES, parted by U+0001; a tab before the first. */
    void write(StringBuilder line, Tally tally, int[] shown, int firstBit, Name name) throws IOException {
        line.append('\t');
        for (int i = 0; i < shown.length; i++) {
            int articles = tally.counts[shown[i]];
            line.append(name.of(shown[i])).append('=').append(articles);
            if (stories != null) line.append('/').append(articles - stories.repeats[firstBit + i]);
            line.append('\u0001');
        }
    }

    static final Sort NEWEST = new Sort(LongField.newSortField("date", true, SortedNumericSelector.Type.MAX));

    String answer(String[] field) throws IOException {
        boolean faceted = field[0].equals("facets");
        Query query = query(field[2], field[3], field[4], field[5], faceted ? "" : field[6], field[7].split(" "));
        // The matches of one word are known, so where nothing else is counted, those that cannot be among the best are passed over.
        int known = !faceted && query instanceof TermQuery word && !reader.hasDeletions() ? reader.docFreq(word.getTerm()) : -1;
        int counted = known < 0 ? Integer.MAX_VALUE : TOP;
        TopDocsCollector<?> top = field[1].equals("newest")
            ? TopFieldCollector.create(NEWEST, TOP, counted) : TopScoreDocCollector.create(TOP, counted);
        searcher.search(query, faceted ? new Counting(top, field[6]) : top);
        TopDocs found = top.topDocs();
        StringBuilder line = new StringBuilder().append(known < 0 ? found.totalHits.value : known).append('\t');
        StoredFields stored = searcher.storedFields();
        for (ScoreDoc hit : found.scoreDocs) {
            Document document = stored.document(hit.doc);
            line.append(document.get("id")).append(document.get("text").isEmpty() ? "?" : "").append(' ');
        }
        if (faceted) {
            int[] entity = most(entities.whole), source = most(sources.whole), month = Arrays.copyOf(months.seen, months.size);
            if (stories != null) stories.count(entity, source, month);
            write(line, entities.whole, entity, Stories.ENTITIES, ordinal -> entityValues.lookupOrd(ordinal).utf8ToString());
            write(line, sources.whole, source, Stories.SOURCES, ordinal -> sourceValues.lookupOrd(ordinal).utf8ToString());
            write(line, months, month, Stories.MONTHS, place -> String.valueOf(place == 0 ? -1 : firstMonth + place - 1));
        }
        return line.toString();
    }

    void serve() throws IOException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        BufferedReader reader = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        out.println(searcher.getIndexReader().leaves().size());
        out.flush();
        for (String line; (line = reader.readLine()) != null; ) {
            String[] field = line.split("\t", -1);
            long cpu = threads.getCurrentThreadCpuTime(), wall = System.nanoTime();
            String answer = answer(field);
            cpu = threads.getCurrentThreadCpuTime() - cpu;
            wall = System.nanoTime() - wall;
            out.println(cpu + "\t" + wall + "\t" + answer);
            if (!reader.ready()) out.flush();
        }
    }
}

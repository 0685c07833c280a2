using System.Threading.Channels;
using Coco.Transport.Links;
using Coco.Traversal.Links;

namespace Coco.Transport.Tests.Links;

/// <summary>Keeps what happens on links until a test asks for it. A batch is copied and given back at once, unless the test holds them.</summary>
internal sealed class RecordingSink : ILinkSink
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<LinkEvent> _events = Channel.CreateUnbounded<LinkEvent>();
    private readonly Channel<Link> _writable = Channel.CreateUnbounded<Link>();

    /// <summary>Gets each batch instead of the record; it has to dispose of it.</summary>
    public Action<Link, LinkBatch>? OnBatch { get; set; }

    public void Opened(int request, Link link) => Record(new LinkEvent.Opened(request, link));

    public void Failed(int request, LinkFailure failure, string detail) => Record(new LinkEvent.Failed(request, failure, detail));

    public void Accepted(Link link) => Record(new LinkEvent.Accepted(link));

    /// <summary>Links that took datagrams again, apart from what else happened.</summary>
    public ChannelReader<Link> WritableLinks => _writable.Reader;

    public void Writable(Link link) => Assert.True(_writable.Writer.TryWrite(link));

    public void Closed(Link link, LinkFailure reason, string detail) => Record(new LinkEvent.Closed(link, reason, detail));

    public void Received(Link link, LinkBatch batch)
    {
        if (OnBatch is { } take)
        {
            take(link, batch);
            return;
        }
        foreach (var datagram in Split(batch)) { Record(new LinkEvent.Received(link, datagram)); }
        batch.Dispose();
    }

    public static IEnumerable<byte[]> Split(LinkBatch batch)
    {
        var datagrams = new List<byte[]>();
        foreach (var run in batch.Runs)
        {
            for (var at = 0; at < run.Length; at += run.SegmentSize)
            {
                datagrams.Add(batch[run].Slice(at, Math.Min(run.SegmentSize, run.Length - at)).ToArray());
            }
        }
        Assert.Equal(batch.Count, datagrams.Count);
        Assert.Equal(batch.Length, datagrams.Sum(static datagram => datagram.Length));
        return datagrams;
    }

    /// <summary>The next event, which must be of this kind.</summary>
    public async Task<T> NextAsync<T>()
        where T : LinkEvent
    {
        using var patience = new CancellationTokenSource(Patience);
        return Assert.IsType<T>(await _events.Reader.ReadAsync(patience.Token));
    }

    /// <summary>The next event of this kind; others before it are forgotten.</summary>
    public async Task<T> AwaitAsync<T>()
        where T : LinkEvent
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            if (await _events.Reader.ReadAsync(patience.Token) is T wanted) { return wanted; }
        }
    }

    /// <summary>Whether nothing has happened that no test asked for.</summary>
    public bool IsQuiet => _events.Reader.Count == 0;

    private void Record(LinkEvent happened) => Assert.True(_events.Writer.TryWrite(happened));
}

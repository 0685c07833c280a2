using System.Threading.Channels;
using Coco.Transport.Links;
using Coco.Traversal.Links;

namespace Coco.Interop.Tests.WebSockets;

/// <summary>Keeps the links that come up and the datagrams that come back.</summary>
internal sealed class EchoSink : ILinkSink
{
    private readonly Channel<Link> _links = Channel.CreateUnbounded<Link>();
    private readonly Channel<byte[]> _datagrams = Channel.CreateUnbounded<byte[]>();

    public Task<Link> LinkAsync() => _links.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public Task<byte[]> DatagramAsync() => _datagrams.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public void Opened(int request, Link link) => _links.Writer.TryWrite(link);

    public void Accepted(Link link) => _links.Writer.TryWrite(link);

    public void Failed(int request, LinkFailure failure, string detail) => _links.Writer.TryComplete(new InvalidOperationException($"{failure}: {detail}"));

    public void Writable(Link link)
    {
    }

    public void Closed(Link link, LinkFailure reason, string detail) => _datagrams.Writer.TryComplete(new InvalidOperationException($"{reason}: {detail}"));

    public void Received(Link link, LinkBatch batch)
    {
        foreach (var run in batch.Runs)
        {
            for (var at = 0; at < run.Length; at += run.SegmentSize)
            {
                _datagrams.Writer.TryWrite(batch[run].Slice(at, Math.Min(run.SegmentSize, run.Length - at)).ToArray());
            }
        }
        batch.Dispose();
    }
}

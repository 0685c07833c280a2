using Coco.Cluster.Policies;
using Coco.Crypto;
using Coco.Hosting;
using Microsoft.Extensions.Logging;

namespace Coco.Media;

/// <summary>What all parts of a node's live streams need.</summary>
internal sealed class MediaContext(MemberLoop loop, NodeOptions options, IdentityKey key, ILogger logger)
{
    private readonly long _start = options.TimeProvider.GetTimestamp();

    public MemberLoop Loop => loop;

    public MediaOptions Options => options.Streams;

    public TimeProvider Time => options.TimeProvider;

    public TimeSpan AnswerTime => options.ConnectTimeout;

    /// <summary>Signs what this node publishes.</summary>
    public IdentityKey Key => key;

    public NodeId Self => loop.Self;

    public ILogger Logger => logger;

    public TimeSpan Now => Time.GetElapsedTime(_start);

    /// <summary>Whether the policy lets a peer have a stream.</summary>
    public async Task<bool> MayAsync(NodeId producer, NodeId peer, string name)
    {
        try
        {
            return (await loop.AskAsync((member, _) => member.DecideFor(producer, peer, PolicyKind.Subscribe, name), default).ConfigureAwait(false)).IsAllowed;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }
}

using Coco.Topics.Core;
using Coco.Transport;

namespace Coco.Topics;

/// <summary>The stream under a <see cref="TopicLink"/>. What is not said to be otherwise is under the lock of <see cref="NodeTopics"/>.</summary>
internal sealed class TopicStream(TopicLink link, ConnectionStream stream)
{
    private TaskCompletionSource? _drained;

    public TopicLink Link { get; } = link;

    public ConnectionStream Stream { get; } = stream;

    /// <summary>What writes, or the last that did.</summary>
    public Task Writing { get; set; } = Task.CompletedTask;

    /// <summary>Completes when its peer is not behind any more, or gone.</summary>
    public Task WhenDrained() => (_drained ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Drain()
    {
        if (_drained is null || (Link.Behind.Count > 0 && !Link.IsGone)) { return; }
        _drained.TrySetResult();
        _drained = null;
    }
}

using Coco.Topics.Core;

namespace Coco.Topics;

/// <summary>A task for whoever waits.</summary>
internal sealed class Receipt : ITopicReceipt
{
    private readonly TaskCompletionSource<(int Acknowledged, int Missing)> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<(int Acknowledged, int Missing)> Task => _source.Task;

    public void Complete(int acknowledged, int missing) => _source.TrySetResult((acknowledged, missing));
}

namespace Coco.Topics.Core;

/// <summary>Whoever waits for the acknowledgements of a message.</summary>
internal interface ITopicReceipt
{
    /// <summary>It is over: so many have it, and so many had not said so in time.</summary>
    public void Complete(int acknowledged, int missing);
}

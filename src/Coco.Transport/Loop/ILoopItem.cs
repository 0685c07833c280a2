namespace Coco.Transport.Loop;

/// <summary>Something that another thread asks of the loop.</summary>
internal interface ILoopItem
{
    /// <summary>Does it, on the loop's thread.</summary>
    public void Run(TimeSpan now);

    /// <summary>The loop has ended and will do it no more.</summary>
    public void Refuse();
}

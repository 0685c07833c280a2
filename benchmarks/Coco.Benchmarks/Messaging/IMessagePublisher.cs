namespace Coco.Benchmarks.Messaging;

/// <summary>One publisher of a system, driven by a thread of its own.</summary>
internal interface IMessagePublisher : IDisposable
{
    /// <summary>Publishes as fast as the system takes it, and answers how many that were.</summary>
    public long Flood(TimeSpan duration);

    /// <summary>Publishes one message, with the time.</summary>
    public void Publish();

    /// <summary>Waits until everything is acknowledged, in systems that do.</summary>
    public void Finish();
}

namespace Coco.Transport.Loop;

/// <summary>Somebody who waited for what an endpoint has received: code of the app, that goes on on the endpoint's thread or on the pool
/// (<see cref="EndpointLoop.GoOn"/>).</summary>
internal interface ILoopGuest : IThreadPoolWorkItem
{
    /// <summary>How long those before it stayed, of the same reader.</summary>
    public GuestRecord Record { get; }
}

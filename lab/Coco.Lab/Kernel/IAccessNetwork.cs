namespace Coco.Lab.Kernel;

/// <summary>What a host or a router can be plugged into: the internet itself, or the network behind a router.</summary>
internal interface IAccessNetwork
{
    public NetNamespace Namespace { get; }

    /// <summary>Addresses nobody has had yet.</summary>
    public Lease NextLease();

    /// <summary>Sets up this network's end of a new cable.</summary>
    public void Connect(LabScript script, string port);

    /// <summary>Sends what is for the lease's addresses into that cable.</summary>
    public void Route(LabScript script, string port, Lease lease);
}

using System.Runtime.CompilerServices;

// Every import takes blittable arguments, so the runtime can call straight through without a marshalling stub.
[assembly: DisableRuntimeMarshalling]
